import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { send } from '../../api/client.ts';
import { regionsQuery } from '../../api/regions.ts';
import { Ask } from '../../parts/ask.tsx';
import { namesOf, pauseIdOf } from './pause.ts';

const FIELDS = [
  ['repository', 'Target repository', 'owner/name'],
  ['workflow', 'Target workflow', 'cd.yml'],
  ['owner', 'Owner of the target', 'owner'],
  ['sourceRepository', 'Source repository', 'owner/name'],
  ['sourceWorkflow', 'Source workflow', 'ci.yml'],
] as const;

/** Asks what is to be held back, and does it: everything that is named must fit. */
export function HoldBack({ onDone }: { readonly onDone: () => Promise<void> }) {
  const [isOpen, setOpen] = useState(false);
  const [given, setGiven] = useState<Readonly<Record<string, string>>>({});
  const regions = useQuery({ ...regionsQuery, enabled: isOpen });
  const set = (name: string, value: string): void => setGiven({ ...given, [name]: value });
  const holdBack = async (reason: string): Promise<void> => {
    const names = namesOf(given);
    await send('PUT', `/v1/pauses/${pauseIdOf(names, Date.now())}`, { ...names, reason });
    setGiven({});
    await onDone();
  };
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Hold back …
      </button>
      <Ask title="Hold dispatches back" action="Hold back" isOpen={isOpen} onClose={() => setOpen(false)} onConfirm={holdBack} isDangerous>
        <p className="hint">
          Dispatches that fit everything named here are denied with the reason operator_paused, until the pause is ended. Name one thing at
          least.
        </p>
        {FIELDS.map(([name, label, example]) => (
          <label key={name}>
            {label}
            <input
              value={given[name] ?? ''}
              placeholder={example}
              autoComplete="off"
              spellCheck={false}
              onInput={(event) => set(name, event.currentTarget.value)}
            />
          </label>
        ))}
        <label>
          Runs that came in at
          <select value={given['region'] ?? ''} onChange={(event) => set('region', event.currentTarget.value)}>
            <option value="">any region</option>
            {regions.data?.data.map(({ id }) => (
              <option key={id} value={id}>
                {id}
              </option>
            ))}
          </select>
        </label>
      </Ask>
    </>
  );
}
