import {
  type Endpoint,
  endpointSchema,
  type Placement,
  placementSchema,
  type RoutingView,
  type Tenant,
  type TenantId,
} from '@waybill/contracts';
import { expect, it } from 'vitest';
import { failoverEffect, type FailoverAsked } from './failover-effect.ts';

const at = '2026-01-01T00:00:00.000Z';
const tenant = (id: string, placement?: unknown): Tenant => {
  const parsed: Placement | undefined = placement === undefined ? undefined : placementSchema.parse(placement);
  return { id: id as TenantId, placement: parsed, createdAt: at, updatedAt: at };
};
const view = (states: Record<string, number>, to?: string): RoutingView => ({
  order: ['us', 'eu', 'ap'],
  states: new Map(
    Object.entries(states).map(([region, share]) => [region, { state: share === 100 ? 'active' : 'failed', share, ...(to && { to }) }]),
  ),
  spilling: new Set(),
});
const asked = (more: Partial<FailoverAsked>): FailoverAsked => ({
  region: 'eu',
  view: view({ eu: 0 }),
  tenants: [],
  endpointsOf: () => [],
  strictHomes: [],
  ...more,
});

it('moves what the region does: as home, as the one that accepts, for a pinned endpoint', () => {
  const tenants = [
    tenant('none'),
    tenant('home', { home: 'eu' }),
    tenant('listed', { home: 'eu', failover: ['ap'] }),
    tenant('elsewhere', { home: 'us' }),
    tenant('pinned', { home: 'us' }),
  ];
  const secrets = [{ key: `whsec_${'A'.repeat(32)}` }];
  const url = 'https://receiver.test';
  const pinned = endpointSchema.parse({ id: 'ep', tenantId: 'pinned', url, region: 'eu', secrets, createdAt: at, updatedAt: at });
  const endpointsOf = (id: string): Endpoint[] => (id === 'pinned' ? [pinned] : []);
  expect(failoverEffect(asked({ tenants, endpointsOf }))).toEqual({
    moves: [
      { tenantId: 'none', to: 'us' },
      { tenantId: 'home', to: 'us' },
      { tenantId: 'listed', to: 'ap' },
      { tenantId: 'pinned', to: 'us' },
    ],
    stays: [],
  });
  const { moves } = failoverEffect(asked({ tenants, endpointsOf, view: view({ eu: 0 }, 'ap') }));
  expect(moves.map(({ to }) => to)).toEqual(['ap', 'ap', 'ap', 'ap']);
});

it('says who stays, and why', () => {
  const tenants = [
    tenant('strict', { home: 'eu', residency: 'strict' }),
    tenant('alone', { home: 'eu', failover: [] }),
    tenant('unlucky', { home: 'eu', failover: ['ap'] }),
  ];
  const strictHomes = [
    { id: 'strict', home: 'eu' },
    { id: 'unseen', home: 'eu' },
    { id: 'other', home: 'ap' },
  ];
  expect(failoverEffect(asked({ tenants, strictHomes, view: view({ eu: 0, ap: 0 }) }))).toEqual({
    moves: [],
    stays: [
      { tenantId: 'strict', because: 'strict' },
      { tenantId: 'alone', because: 'no_failover' },
      { tenantId: 'unlucky', because: 'nobody_available' },
      { tenantId: 'unseen', because: 'strict' },
    ],
  });
});

it('with one region for all work it is that one or none', () => {
  const tenants = [tenant('any'), tenant('home', { home: 'eu' }), tenant('strict', { home: 'eu', residency: 'strict' })];
  const ids = (onlyRegion: string): string[] => {
    const { moves, stays } = failoverEffect(asked({ tenants, onlyRegion }));
    return [...moves, ...stays].map(({ tenantId }) => tenantId);
  };
  expect(ids('eu')).toEqual(['any', 'home', 'strict']);
  expect(ids('us')).toEqual(['strict']);
});
