import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { get, send } from '../../api/client.ts';
import { useMay } from '../../api/session.ts';
import { Ask } from '../../parts/ask.tsx';
import { Copy } from '../../parts/copy.tsx';
import { useNow } from '../../parts/now.ts';
import { Problem } from '../../parts/problem.tsx';
import { Time } from '../../parts/time.tsx';
import { type Endpoint, endpointPath } from './endpoint.ts';
import { rotationOf } from './endpoint-health.ts';

interface Secret {
  readonly key: string;
}

const OVERLAPS = [
  [0, 'not at all: at once'],
  [3_600, 'for an hour'],
  [86_400, 'for a day'],
  [604_800, 'for seven days'],
] as const;

/** The secrets that sign deliveries to an endpoint: how a change stands, and for admins the secret itself and its change. */
export function SecretPanel({ endpoint }: { readonly endpoint: Endpoint }) {
  const may = useMay('admin');
  const { says, until } = rotationOf(endpoint.secrets, useNow());
  return (
    <section className="card" aria-labelledby="secret">
      <h2 id="secret">Signing secret</h2>
      <p>
        {says}
        {until === null ? null : (
          <>
            , until <Time at={until} />.
          </>
        )}
      </p>
      {may ? <Keys endpoint={endpoint} /> : <p className="quiet">Only an admin may see or change it.</p>}
    </section>
  );
}

function Keys({ endpoint }: { readonly endpoint: Endpoint }) {
  const [shown, setShown] = useState<string>();
  const [error, setError] = useState<unknown>();
  const [isOpen, setOpen] = useState(false);
  const show = (): void => {
    setError(undefined);
    get<Secret>(endpointPath(endpoint, 'secret')).then(({ key }) => setShown(key), setError);
  };
  return (
    <>
      {shown === undefined ? null : (
        <p role="status">
          <code className="wrap">{shown}</code> <Copy text={shown} what="the secret" />
        </p>
      )}
      {error === undefined ? null : <Problem error={error} />}
      <div className="actions">
        <button type="button" onClick={shown === undefined ? show : () => setShown(undefined)}>
          {shown === undefined ? 'Show the secret' : 'Hide it'}
        </button>
        <button type="button" onClick={() => setOpen(true)}>
          Change it …
        </button>
      </div>
      <Rotate endpoint={endpoint} isOpen={isOpen} onClose={() => setOpen(false)} onDone={setShown} />
    </>
  );
}

interface RotateProps {
  readonly endpoint: Endpoint;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onDone: (key: string) => void;
}

function Rotate({ endpoint, isOpen, onClose, onDone }: RotateProps) {
  const client = useQueryClient();
  const [overlapSeconds, setOverlap] = useState(86_400);
  const rotate = async (): Promise<void> => {
    const { key } = await send<Secret>('POST', endpointPath(endpoint, 'secret/rotate'), { overlapSeconds });
    onDone(key);
    await client.invalidateQueries({ queryKey: ['endpoints'] });
  };
  return (
    <Ask
      title="Change the signing secret"
      action="Change it"
      isOpen={isOpen}
      onClose={onClose}
      onConfirm={rotate}
      needsReason={false}
      isDangerous
    >
      <p>
        A new secret is made and shown. Give it to the receiver while the old one signs too; after that, signatures of the old one are no
        longer sent.
      </p>
      <label>
        The old one signs too
        <select value={overlapSeconds} onChange={(event) => setOverlap(Number(event.currentTarget.value))}>
          {OVERLAPS.map(([seconds, name]) => (
            <option key={seconds} value={seconds}>
              {name}
            </option>
          ))}
        </select>
      </label>
    </Ask>
  );
}
