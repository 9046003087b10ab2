import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { send } from '../../api/client.ts';
import { regionsQuery } from '../../api/regions.ts';
import { useMay } from '../../api/session.ts';
import { RateField } from '../../parts/rate-field.tsx';
import { Ask } from '../../parts/ask.tsx';
import type { Choice } from './dead-letter.ts';
import { doorOf } from './door.ts';
import { redriveBody } from './redrive-order.ts';

export interface SettleProps {
  /** Which ones. */
  readonly choice: Choice;
  /** What they are, in words, as "these 12 dead letters". */
  readonly what: string;
  /** The region whose they are. */
  readonly region: string;
  /** Workflow dispatches may be among them. */
  readonly mayHoldWorkflows: boolean;
}

/** What can be done about dead letters: try them again, or say that nobody wants them any more; or where that must be done. */
export function Settle(props: SettleProps) {
  const may = useMay('operator');
  const [path] = useLocation();
  const [open, setOpen] = useState<'redrive' | 'discard'>();
  const [said, setSaid] = useState('');
  const regions = useQuery(regionsQuery).data;
  if (!may || regions === undefined) return null;
  const door = doorOf(props.region, regions, `${path}${location.search}`);
  if (!door.isHere)
    return (
      <div className="note">
        <p>
          {door.region} is active, and works on its dead letters itself.{' '}
          {door.url === undefined ? 'Open its dashboard to redrive them.' : <a href={door.url}>Open this page in {door.region}</a>}
        </p>
      </div>
    );
  const close = (): void => setOpen(undefined);
  return (
    <>
      <button type="button" className="primary" onClick={() => setOpen('redrive')}>
        Redrive …
      </button>
      <button type="button" onClick={() => setOpen('discard')}>
        Discard …
      </button>
      <span className="quiet" role="status">
        {said}
      </span>
      <AskRedrive {...props} isOpen={open === 'redrive'} onClose={close} />
      <AskDiscard {...props} isOpen={open === 'discard'} onClose={close} onDone={setSaid} />
    </>
  );
}

type AskOneProps = SettleProps & { readonly isOpen: boolean; readonly onClose: () => void };

function AskRedrive({ choice, what, mayHoldWorkflows, isOpen, onClose }: AskOneProps) {
  const [, navigate] = useLocation();
  const [rate, setRate] = useState('');
  const [isWithWorkflows, setWithWorkflows] = useState(false);
  const plan = async (reason: string): Promise<void> => {
    const body = redriveBody({ choice, reason, rate, isWithWorkflows: mayHoldWorkflows && isWithWorkflows });
    const { id } = await send<{ readonly id: string }>('POST', '/v1/dead-letters/redrive', body);
    navigate(`/jobs/${id}`);
  };
  return (
    <Ask title={`Redrive ${what}`} action="Plan it" isOpen={isOpen} onClose={onClose} onConfirm={plan}>
      <p>
        First a job counts them and where they go. Nothing is sent before you start it. Each goes to its endpoint as it is now, with its old
        webhook-id and all retries again, behind whatever comes in live.
      </p>
      <RateField value={rate} onInput={(event) => setRate(event.currentTarget.value)} />
      {mayHoldWorkflows ? (
        <label className="check">
          <input type="checkbox" checked={isWithWorkflows} onChange={(event) => setWithWorkflows(event.currentTarget.checked)} />
          Dispatch workflows again too: each may start a run
        </label>
      ) : null}
    </Ask>
  );
}

function AskDiscard({ choice, what, isOpen, onClose, onDone }: AskOneProps & { readonly onDone: (said: string) => void }) {
  const client = useQueryClient();
  const discard = async (reason: string): Promise<void> => {
    const { discarded } = await send<{ readonly discarded: number }>('POST', '/v1/dead-letters/discard', { ...choice, reason });
    onDone(discarded === 0 ? 'There was none to discard any more.' : `${discarded} discarded.`);
    await client.invalidateQueries({ queryKey: ['dead-letters'] });
  };
  return (
    <Ask title={`Discard ${what}`} action="Discard" isOpen={isOpen} onClose={onClose} onConfirm={discard} isDangerous>
      <p>Nobody will get them, and they cannot be redriven any more. They stay in the history as discarded, with your name and reason.</p>
    </Ask>
  );
}
