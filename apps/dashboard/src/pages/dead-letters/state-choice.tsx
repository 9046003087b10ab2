import { useUrlState } from '../../parts/url-state.ts';
import { DEAD_LETTER_STATES } from './dead-letter.ts';

export const stateOf = (values: URLSearchParams): (typeof DEAD_LETTER_STATES)[number] =>
  DEAD_LETTER_STATES.find((name) => name === values.get('state')) ?? 'open';

/** Open ones, or what became of the others. */
export function StateChoice() {
  const [values, change] = useUrlState();
  const state = stateOf(values);
  return (
    <div className="actions state-choice" role="group" aria-label="State">
      {DEAD_LETTER_STATES.map((name) => (
        <button
          key={name}
          type="button"
          aria-pressed={name === state}
          onClick={() => change({ state: name === 'open' ? undefined : name })}
        >
          {name}
        </button>
      ))}
    </div>
  );
}
