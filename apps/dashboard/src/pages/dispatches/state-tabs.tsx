import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { useUrlState } from '../../parts/url-state.ts';
import { DISPATCH_STATES, totalsQuery } from './dispatch.ts';

const count = new Intl.NumberFormat();

/** How many dispatches there are in each state, each a link to those. */
export function StateTabs() {
  const [values] = useUrlState();
  const totals = useQuery(totalsQuery);
  const counts = totals.data?.dispatches;
  const tabs = [['all', 'total', '/dispatches'], ...DISPATCH_STATES.map((state) => [state, state, `/dispatches?state=${state}`])] as const;
  const active = values.get('state') ?? (values.size === 0 ? 'total' : '');
  return (
    <nav className="tabs" aria-label="Dispatches by state">
      {tabs.map(([name = '', state = '', href = '']) => (
        <Link key={name} href={href} aria-current={active === state ? 'page' : undefined}>
          {name} {counts === undefined ? null : <span className="quiet">{count.format(counts[state] ?? 0)}</span>}
        </Link>
      ))}
    </nav>
  );
}
