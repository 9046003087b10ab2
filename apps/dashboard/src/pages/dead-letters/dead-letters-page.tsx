import { useUrlState } from '../../parts/url-state.ts';
import { Groups } from './groups.tsx';
import { OneDeadLetter } from './one-dead-letter.tsx';
import { Selection } from './selection.tsx';
import './dead-letters.css';

/** What ended badly: by cause at first, `?view=list` one by one along filters, `?id=…` one alone. */
export function DeadLettersPage() {
  const [values] = useUrlState();
  const id = values.get('id');
  if (id !== null) return <OneDeadLetter key={id} id={id} />;
  return values.get('view') === 'list' ? <Selection /> : <Groups />;
}
