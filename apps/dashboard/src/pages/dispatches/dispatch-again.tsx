import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { send } from '../../api/client.ts';
import { regionsQuery } from '../../api/regions.ts';
import { useMay } from '../../api/session.ts';
import { Ask } from '../../parts/ask.tsx';
import { doorOf } from '../dead-letters/door.ts';
import { nameOf } from './answer.ts';
import type { Target } from './dispatch.ts';

/** Makes a dispatch that failed again, by a job of its own. Offered for nothing else: what was denied needs other rules first. */
export function DispatchAgain({ eventId, target }: { readonly eventId: string; readonly target: Target }) {
  const may = useMay('operator');
  const regions = useQuery(regionsQuery);
  const [isOpen, setOpen] = useState(false);
  const [jobId, setJobId] = useState<string>();
  if (target.state !== 'failed') return null;
  const retry = async (reason: string): Promise<void> => {
    const path = `/v1/deliveries/${encodeURIComponent(target.deliveryId)}/retry`;
    setJobId((await send<{ readonly id?: string }>('POST', path, { reason, dispatches: true })).id);
  };
  if (jobId !== undefined)
    return (
      <p role="status">
        It is dispatched again by <Link href={`/jobs/${jobId}`}>job {jobId}</Link>.
      </p>
    );
  if (!may || regions.data === undefined) return null;
  const path = `/dispatches/${eventId}?target=${encodeURIComponent(target.deliveryId)}`;
  const door = doorOf(target.statedIn ?? '', regions.data, path);
  if (!door.isHere)
    return (
      <p>
        {door.region} called for it, and can do that again.{' '}
        {door.url === undefined ? 'Its address is not known here.' : <a href={door.url}>Open this page there</a>}
      </p>
    );
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Dispatch again
      </button>
      <Ask
        title={`Dispatch ${nameOf(target)} again`}
        action="Dispatch again"
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        onConfirm={retry}
      >
        <p>The workflow is started once more, unless it turns out that the call before had started it after all.</p>
      </Ask>
    </>
  );
}
