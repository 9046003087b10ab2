import { useState } from 'react';
import { Link } from 'wouter';
import { send } from '../../api/client.ts';
import { Ask } from '../../parts/ask.tsx';
import { type Endpoint, endpointPath } from './endpoint.ts';

const EXAMPLE = '{ "hello": "from Waybill" }';

/** Sends a test to one endpoint alone, whatever it subscribes to: a true event, which can be followed. */
export function TestSend({ endpoint }: { readonly endpoint: Endpoint }) {
  const [isOpen, setOpen] = useState(false);
  const [eventType, setType] = useState('waybill.test');
  const [data, setData] = useState(EXAMPLE);
  const [sent, setSent] = useState<string>();
  const test = async (): Promise<void> => {
    const body: unknown = JSON.parse(data);
    setSent((await send<{ readonly id: string }>('POST', endpointPath(endpoint, 'test'), { eventType, data: body })).id);
  };
  return (
    <>
      {sent === undefined ? null : (
        <span role="status">
          Sent: <Link href={`/events/${sent}`}>see what came of it</Link>
        </span>
      )}
      <button type="button" onClick={() => setOpen(true)}>
        Send a test …
      </button>
      <Ask title="Send a test" action="Send" isOpen={isOpen} onClose={() => setOpen(false)} onConfirm={test} needsReason={false}>
        <p>A signed event goes to this endpoint alone, whatever it subscribes to.</p>
        <label>
          Event type
          <input required value={eventType} autoComplete="off" spellCheck={false} onInput={(event) => setType(event.currentTarget.value)} />
        </label>
        <label>
          Payload, as JSON
          <textarea required value={data} spellCheck={false} onInput={(event) => setData(event.currentTarget.value)} />
        </label>
      </Ask>
    </>
  );
}
