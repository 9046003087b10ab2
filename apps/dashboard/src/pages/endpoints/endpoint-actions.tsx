import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { send } from '../../api/client.ts';
import { useMay } from '../../api/session.ts';
import { Ask } from '../../parts/ask.tsx';
import { type Endpoint, endpointPath } from './endpoint.ts';
import { TestSend } from './test-send.tsx';

/** What an operator may do with an endpoint. */
export function EndpointActions({ endpoint }: { readonly endpoint: Endpoint }) {
  const may = useMay('operator');
  if (!may) return null;
  return (
    <>
      {endpoint.disabled === undefined ? <TestSend endpoint={endpoint} /> : null}
      <PauseOrResume endpoint={endpoint} />
    </>
  );
}

function PauseOrResume({ endpoint }: { readonly endpoint: Endpoint }) {
  const client = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const isPaused = endpoint.disabled !== undefined;
  const change = async (reason: string): Promise<void> => {
    await send('POST', endpointPath(endpoint, isPaused ? 'resume' : 'pause'), { reason });
    await client.invalidateQueries({ queryKey: ['endpoints'] });
  };
  return (
    <>
      <button type="button" className={isPaused ? 'primary' : undefined} onClick={() => setOpen(true)}>
        {isPaused ? 'Resume …' : 'Pause …'}
      </button>
      <Ask
        title={isPaused ? 'Resume the endpoint' : 'Pause the endpoint'}
        action={isPaused ? 'Resume' : 'Pause'}
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        onConfirm={change}
        isDangerous={!isPaused}
      >
        <p className="wrap">{endpoint.url}</p>
        <p>
          {isPaused
            ? 'New events are planned for it again. What ended as a dead letter meanwhile is redriven from the dead letters.'
            : 'New events are not planned for it while it is paused, and what it is still owed ends as dead letters, which can be redriven.'}
        </p>
      </Ask>
    </>
  );
}
