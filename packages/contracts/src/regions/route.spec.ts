import { describe, expect, it } from 'vitest';
import { bucketOf, routeOf, type RoutingView, standInOf } from './route.ts';
import { placementSchema } from './placement.ts';

const order = ['us', 'eu', 'ap'];
const view = (
  states: Record<string, [RoutingState: 'active' | 'failed' | 'recovering', share: number, to?: string]>,
  spilling: string[] = [],
): RoutingView => ({
  order,
  states: new Map(Object.entries(states).map(([region, [state, share, to]]) => [region, { state, share, to }])),
  spilling: new Set(spilling),
});
const placed = (given: object) => placementSchema.parse(given);
const asked = (wanted: string, placement?: ReturnType<typeof placed>, stickTo = 'evt_1') => ({ wanted, placement, stickTo });

describe('routing', () => {
  it('goes where it is wanted while that region is active', () => {
    expect(routeOf(view({}), asked('eu'))).toEqual({ region: 'eu', because: 'wanted' });
  });

  it("goes to the first that stands in: the operator's choice, the tenant's list, the order of the regions", () => {
    expect(routeOf(view({ us: ['failed', 0] }), asked('us')).region).toBe('eu');
    expect(routeOf(view({ us: ['failed', 0] }), asked('us', placed({ home: 'us', failover: ['ap'] }))).region).toBe('ap');
    expect(routeOf(view({ us: ['failed', 0, 'ap'] }), asked('us')).region).toBe('ap');
    expect(routeOf(view({ us: ['failed', 0], eu: ['failed', 0] }), asked('us'))).toEqual({ region: 'ap', because: 'failover' });
  });

  it('waits at home when nobody may or can stand in', () => {
    expect(routeOf(view({ us: ['failed', 0] }), asked('us', placed({ home: 'us', failover: [] })))).toEqual({
      region: 'us',
      because: 'nobody_else',
    });
    expect(routeOf(view({ us: ['failed', 0, 'eu'] }), asked('us', placed({ home: 'us', failover: [] }))).region).toBe('us');
    expect(routeOf(view({ us: ['failed', 0], eu: ['failed', 0], ap: ['recovering', 75] }), asked('us')).region).toBe('us');
  });

  it('keeps a strict tenant at home whatever happens', () => {
    const strict = placed({ home: 'us', residency: 'strict' });
    expect(routeOf(view({ us: ['failed', 0, 'eu'] }, ['us']), asked('us', strict)).region).toBe('us');
    expect(standInOf(view({ us: ['failed', 0, 'eu'] }), asked('us', strict))).toBeUndefined();
  });

  it('gives a recovering region its share, the same correlations to the same region', () => {
    const recovering = view({ us: ['recovering', 25] });
    const keys = Array.from({ length: 1_000 }, (_, index) => `evt_${index}`);
    const home = keys.filter((key) => routeOf(recovering, asked('us', undefined, key)).region === 'us');
    expect(home.length).toBeGreaterThan(180);
    expect(home.length).toBeLessThan(320);
    expect(home.every((key) => bucketOf(key) < 25)).toBe(true);
    const later = view({ us: ['recovering', 75] });
    expect(home.every((key) => routeOf(later, asked('us', undefined, key)).region === 'us')).toBe(true);
  });

  it('spills to an active region that does not spill itself, unless the tenant forbids it', () => {
    expect(routeOf(view({}, ['us']), asked('us'))).toEqual({ region: 'eu', because: 'spillover' });
    expect(routeOf(view({}, ['us', 'eu']), asked('us')).region).toBe('ap');
    expect(routeOf(view({}, ['us', 'eu', 'ap']), asked('us')).region).toBe('us');
    expect(routeOf(view({}, ['us']), asked('us', placed({ spill: 'never' }))).region).toBe('us');
    expect(routeOf(view({ eu: ['failed', 0] }, ['us']), asked('us')).region).toBe('ap');
  });
});

describe('placement', () => {
  it.each([
    [{ residency: 'strict' }, 'home'],
    [{ home: 'us', residency: 'strict', failover: ['eu'] }, 'failover'],
    [{ home: 'us', residency: 'strict', spill: 'allowed' }, 'spill'],
    [{ home: 'us', failover: ['us'] }, 'failover'],
    [{ home: 'us', failover: ['eu', 'eu'] }, 'failover'],
    [{ home: 'US East' }, 'home'],
  ])('refuses %j, naming %s', (given, field) => {
    expect(placementSchema.safeParse(given).error?.issues.map(({ path }) => path[0])).toEqual([field]);
  });

  it('refuses what it does not know', () => {
    expect(placementSchema.safeParse({ hme: 'us' }).success).toBe(false);
  });
});
