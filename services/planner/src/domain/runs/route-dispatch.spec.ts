import type { RoutingView } from '@waybill/contracts';
import { describe, expect, it } from 'vitest';
import { regionRecord } from '../../testing/region-record.ts';
import { type DispatchToRoute, routeDispatch } from './route-dispatch.ts';

const order = ['us', 'eu', 'ap'];
const view = (change: Partial<RoutingView> = {}): RoutingView => ({ order, states: new Map(), spilling: new Set(), ...change });
const settings = { own: 'us', known: new Set(order), withDefault: new Set<string>() };
const route = (change: Partial<DispatchToRoute> = {}): string => {
  const target = { owner: 'Acme', repo: 'Web' };
  return routeDispatch({ settings, view: view(), acceptedIn: 'us', scope: 'g', home: undefined, target, ...change }).region;
};

describe('where a workflow dispatch goes', () => {
  it('goes where the repository says, else where the owner has its home, else where all regions agree', () => {
    const named = { ...settings, repositoryRegions: new Map([['acme/web', 'ap']]) };
    expect(route({ settings: named, home: 'eu' })).toBe('ap');
    expect(route({ settings: named, home: 'eu', target: { owner: 'acme', repo: 'api' } })).toBe('eu');
    const agreed = new Set(
      order.map((own) => route({ settings: { ...settings, own, known: new Set(order.toReversed()) }, acceptedIn: own })),
    );
    expect(agreed.size).toBe(1);
    expect(route({ target: { owner: 'ACME', repo: 'other' } })).toBe([...agreed][0]);
  });

  it('spreads owners over regions', () => {
    const owners = Array.from({ length: 30 }, (_, n) => route({ target: { owner: `owner-${n}`, repo: 'web' } }));
    expect(new Set(owners)).toEqual(new Set(order));
  });

  it('passes over a region that is not declared', () => {
    const asked = { settings, view: view(), acceptedIn: 'us', scope: 'g', target: { owner: 'acme', repo: 'web' } } as const;
    expect(routeDispatch({ ...asked, home: 'moon' })).toMatchObject({ unknownRegion: 'moon', because: 'wanted' });
  });

  it('follows an owner as a whole to who stands in, and not the load', () => {
    expect(route({ home: 'eu', view: view({ spilling: new Set(['eu']) }) })).toBe('eu');
    const failed = view({ states: new Map([['eu', regionRecord('eu', 'failed')]]) });
    expect(route({ home: 'eu', view: failed })).toBe('us');
    const half = view({ states: new Map([['eu', regionRecord('eu', 'recovering', { share: 50 })]]) });
    const repositories = ['a', 'b', 'c', 'd', 'e', 'f'].map((repo) => route({ home: 'eu', view: half, target: { owner: 'acme', repo } }));
    expect(new Set(repositories).size).toBe(1);
  });

  it('stays in its region with what may not leave it, and goes to the primary while the others are off', () => {
    expect(route({ scope: 'l', acceptedIn: 'ap', home: 'eu' })).toBe('ap');
    expect(route({ settings: { ...settings, everythingIn: 'us' }, home: 'eu' })).toBe('us');
  });
});
