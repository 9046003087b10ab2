import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { send } from '../../api/client.ts';
import { useMay } from '../../api/session.ts';
import { Ask } from '../../parts/ask.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Ago } from '../../parts/time.tsx';
import { HoldBack } from './hold-back.tsx';
import { type Pause, PAUSES, pauseText, usePauses } from './pause.ts';

/** What holds dispatches back, since when and why; how to hold something back, and how to end that. */
export function Pauses() {
  const query = usePauses();
  const may = useMay('operator');
  const client = useQueryClient();
  const [ending, setEnding] = useState<Pause>();
  const changed = (): Promise<void> => client.invalidateQueries({ queryKey: PAUSES });
  const end = async (): Promise<void> => {
    if (ending === undefined) return;
    await send<void>('DELETE', `/v1/pauses/${encodeURIComponent(ending.id)}`);
    await changed();
  };
  useEffect(() => {
    if (location.hash === '#pauses') document.querySelector('#pauses')?.scrollIntoView();
  }, []);
  return (
    <section className="section" aria-labelledby="pauses">
      <div className="head-line">
        <h2 id="pauses">Held back by operators</h2>
        {may ? <HoldBack onDone={changed} /> : null}
      </div>
      <Loaded query={query}>
        {({ data }) =>
          data.length === 0 ? (
            <p className="quiet">Nothing is held back. A pause denies the dispatches that fit it, at once, until it is ended.</p>
          ) : (
            <PauseTable pauses={data} onEnd={may ? setEnding : undefined} />
          )
        }
      </Loaded>
      <Ask
        title={`End the pause ${ending?.id ?? ''}`}
        action="End it"
        isOpen={ending !== undefined}
        onClose={() => setEnding(undefined)}
        onConfirm={end}
        needsReason={false}
      >
        <p>{ending === undefined ? null : `${pauseText(ending)} is dispatched again from now on. What was denied stays denied.`}</p>
      </Ask>
    </section>
  );
}

interface PauseTableProps {
  readonly pauses: readonly Pause[];
  readonly onEnd: ((pause: Pause) => void) | undefined;
}

const PauseTable = ({ pauses, onEnd }: PauseTableProps) => (
  <div className="scroller" tabIndex={0} role="region" aria-labelledby="pauses">
    <table>
      <thead>
        <tr>
          <th>Held back</th>
          <th>Reason</th>
          <th className="minor">Name</th>
          <th className="minor">Since</th>
          {onEnd === undefined ? null : <th aria-label="What can be done" />}
        </tr>
      </thead>
      <tbody>
        {pauses.map((pause) => (
          <tr key={pause.id}>
            <td>{pauseText(pause)}</td>
            <td>{pause.reason}</td>
            <td className="mono minor">{pause.id}</td>
            <td className="minor">
              <Ago at={pause.createdAt} />
            </td>
            {onEnd === undefined ? null : (
              <td className="num">
                <button type="button" onClick={() => onEnd(pause)}>
                  End …
                </button>
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);
