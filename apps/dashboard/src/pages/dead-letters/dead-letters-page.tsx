import { useUrlState } from '../../parts/url-state.ts';
import { Groups } from './groups.tsx';
import { OneDeadLetter } from './one-dead-letter.tsx';
import { Selection } from './selection.tsx';
import './dead-letters.css';

/** What groups cannot be narrowed by. */
const OF_LISTS = ['endpointId', 'reason', 'eventType', 'from', 'to', 'state'] as const;

/** What ended badly: by cause at first, one by one with `?view=list` or a filter that groups do not have, `?id=…` one alone. */
export function DeadLettersPage() {
  const [values] = useUrlState();
  const id = values.get('id');
  if (id !== null) return <OneDeadLetter key={id} id={id} />;
  const isList = values.get('view') === 'list' || OF_LISTS.some((name) => values.has(name));
  return isList ? <Selection /> : <Groups />;
}
