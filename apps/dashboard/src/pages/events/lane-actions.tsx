import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { send } from '../../api/client.ts';
import { regionsQuery } from '../../api/regions.ts';
import { useMay } from '../../api/session.ts';
import { Ask } from '../../parts/ask.tsx';
import { isWorkflow } from '../../parts/dead-letter-reasons.ts';
import { doorOf } from '../dead-letters/door.ts';
import type { StoryDelivery } from './event-story.ts';
import { isUnderWay } from './timeline.ts';

/** What an operator can do about a delivery: hurry it, give it up, or try a dead letter again. */
export function LaneActions({ delivery }: { readonly delivery: StoryDelivery }) {
  const may = useMay('operator');
  const [open, setOpen] = useState<'retry' | 'skip'>();
  const [done, setDone] = useState<Done>();
  const close = (): void => setOpen(undefined);
  const isDead = delivery.state === 'dead_lettered';
  if (!may || (!isDead && !isUnderWay(delivery))) return done === undefined ? null : <Said done={done} />;
  return (
    <div className="actions">
      {done === undefined ? null : <Said done={done} />}
      {isDead ? (
        <TryAgain delivery={delivery} onClick={() => setOpen('retry')} />
      ) : (
        <>
          <button type="button" onClick={() => setOpen('retry')}>
            Try now …
          </button>
          <button type="button" onClick={() => setOpen('skip')}>
            Give up …
          </button>
        </>
      )}
      <AskRetry delivery={delivery} isOpen={open === 'retry'} onClose={close} onDone={setDone} />
      <AskSkip delivery={delivery} isOpen={open === 'skip'} onClose={close} onDone={setDone} />
    </div>
  );
}

/** What came of it. `jobId`: the job that does it. */
interface Done {
  readonly text: string;
  readonly jobId?: string;
}

const Said = ({ done: { text, jobId } }: { readonly done: Done }) => (
  <span className="quiet" role="status">
    {text} {jobId === undefined ? null : <Link href={`/jobs/${jobId}`}>the job</Link>}
  </span>
);

/** A dead letter is redriven where it is; while its region is active, that is there. */
function TryAgain({ delivery: { region, eventId, id }, onClick }: { readonly delivery: StoryDelivery; readonly onClick: () => void }) {
  const { data } = useQuery(regionsQuery);
  const door = data === undefined ? { isHere: true as const } : doorOf(region, data, `/events/${eventId}?delivery=${id}`);
  if (door.isHere)
    return (
      <button type="button" className="primary" onClick={onClick}>
        Try again …
      </button>
    );
  return door.url === undefined ? (
    <span className="quiet">Try it again in {door.region}</span>
  ) : (
    <a href={door.url}>Try it again in {door.region}</a>
  );
}

interface AskProps {
  readonly delivery: StoryDelivery;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onDone: (done: Done) => void;
}

/** A waiting delivery is tried now; a dead letter by a job, which the answer names. */
function AskRetry({ delivery: { id, state, endpointId }, isOpen, onClose, onDone }: AskProps) {
  const client = useQueryClient();
  const isDead = state === 'dead_lettered';
  const isDispatch = isDead && isWorkflow(endpointId);
  const retry = async (reason: string): Promise<void> => {
    const answer = await send<{ readonly id?: string }>('POST', `/v1/deliveries/${encodeURIComponent(id)}/retry`, {
      reason,
      ...(isDispatch ? { dispatches: true } : {}),
    });
    onDone(answer.id === undefined ? { text: 'It is tried now.' } : { text: 'It is tried again by', jobId: answer.id });
    await client.invalidateQueries({ queryKey: ['events'] });
  };
  return (
    <Ask
      title={isDead ? 'Try it again' : 'Try it now'}
      action={isDead ? 'Try again' : 'Try now'}
      isOpen={isOpen}
      onClose={onClose}
      onConfirm={retry}
    >
      <p>
        {isDead
          ? 'Another delivery is made in its place, with the same webhook-id and all retries, to the endpoint as it is now.'
          : 'Its next attempt is made at once. When it fails too, the attempts after it come as they would have.'}
      </p>
      {isDispatch ? <p className="note warn">This dispatches the workflow again: a run may start.</p> : null}
    </Ask>
  );
}

function AskSkip({ delivery: { id }, isOpen, onClose, onDone }: AskProps) {
  const client = useQueryClient();
  const skip = async (reason: string): Promise<void> => {
    await send('POST', `/v1/deliveries/${encodeURIComponent(id)}/skip`, { reason });
    onDone({ text: 'It is given up.' });
    await client.invalidateQueries({ queryKey: ['events'] });
  };
  return (
    <Ask title="Give it up" action="Give up" isOpen={isOpen} onClose={onClose} onConfirm={skip} isDangerous>
      <p>
        It is not tried any more, and becomes a dead letter; from there it can be tried again. What waits behind it in its order goes on.
      </p>
    </Ask>
  );
}
