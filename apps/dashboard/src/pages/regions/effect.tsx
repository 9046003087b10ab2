import { queryOptions, type UseQueryResult } from '@tanstack/react-query';
import { send } from '../../api/client.ts';
import { Loaded } from '../../parts/loaded.tsx';
import type { Change } from './region-changes.ts';

/** What a failover would do, tenant by tenant. */
export interface FailoverEffect {
  readonly moves: readonly { readonly tenantId: string; readonly to: string }[];
  readonly stays: readonly { readonly tenantId: string; readonly because: 'strict' | 'no_failover' | 'nobody_available' }[];
}

/** The dry run: it changes nothing and is not in the audit. A drain moves the same tenants, and failing back brings them back. */
export const effectQuery = (region: string) =>
  queryOptions({
    queryKey: ['regions', 'effect', region],
    queryFn: () => send<FailoverEffect>('POST', `/admin/failover/${region}`, { dryRun: true, reason: 'to see what would happen' }),
  });

const BECAUSE: Readonly<Record<FailoverEffect['stays'][number]['because'], string>> = {
  strict: 'strict: nothing of it leaves its home',
  no_failover: 'lets nobody stand in',
  nobody_available: 'nobody whom it names is available',
};
const MOVE: Readonly<Record<Change, (to: string) => string>> = {
  failover: (to) => `moves to ${to}`,
  drain: (to) => `moves to ${to}`,
  activate: (to) => `comes back from ${to}`,
};

export interface EffectProps {
  readonly query: UseQueryResult<FailoverEffect>;
  readonly change: Change;
  readonly region: string;
}

/** Lists who is affected: those whose work moves, and those for whom it waits. */
export function Effect({ query, change, region }: EffectProps) {
  return (
    <section className="panel" aria-labelledby="effect">
      <h2 id="effect">Whom it affects</h2>
      <Loaded query={query}>{(effect) => <Tenants effect={effect} change={change} region={region} />}</Loaded>
    </section>
  );
}

function Tenants({ effect: { moves, stays }, change, region }: { readonly effect: FailoverEffect } & Omit<EffectProps, 'query'>) {
  if (moves.length + stays.length === 0) return <p>{region} does no tenant’s work now: nothing moves.</p>;
  return (
    <div className="scroller tenants" tabIndex={0} role="region" aria-label="Tenants that are affected">
      <table>
        <thead>
          <tr>
            <th scope="col">Tenant</th>
            <th scope="col">{change === 'activate' ? 'When it is back' : 'Its work'}</th>
          </tr>
        </thead>
        <tbody>
          {moves.map(({ tenantId, to }) => (
            <tr key={tenantId}>
              <th scope="row" className="name">
                {tenantId}
              </th>
              <td>{MOVE[change](to)}</td>
            </tr>
          ))}
          {stays.map(({ tenantId, because }) => (
            <tr key={tenantId}>
              <th scope="row" className="name">
                {tenantId}
              </th>
              <td>
                <strong>stays</strong>, {BECAUSE[because]}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
