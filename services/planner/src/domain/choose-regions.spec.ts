import { type Endpoint, endpointSchema, type Placement, placementSchema, type RoutingView, standIns } from '@waybill/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseRegions, type DeliveryRoute, type RegionsAsked, type RegionSettings } from './choose-regions.ts';

const at = '2026-01-01T00:00:00Z';
const order = ['us', 'eu', 'ap'];
const settings: RegionSettings = { own: 'us', known: new Set(order), withDefault: new Set() };
const endpoint = (id: string, region?: string): Endpoint =>
  endpointSchema.parse({
    id,
    tenantId: 'acme',
    url: 'https://example.com/h',
    secrets: [{ key: `whsec_${'A'.repeat(32)}` }],
    createdAt: at,
    updatedAt: at,
    ...(region === undefined ? {} : { region }),
  });
const view = (shares: Record<string, number> = {}, spilling: string[] = []): RoutingView => ({
  order,
  states: new Map(Object.entries(shares).map(([region, share]) => [region, { state: share === 0 ? 'failed' : 'recovering', share }])),
  spilling: new Set(spilling),
});
const placed = (placement: object): Placement => placementSchema.parse(placement);

type Change = Partial<Omit<RegionsAsked, 'event'>> & { event?: Partial<RegionsAsked['event']> };
function route(endpoints: readonly Endpoint[], change: Change = {}): DeliveryRoute[] {
  const event = { acceptedIn: 'us', scope: 'g', correlationId: 'evt_1', placement: undefined, ...change.event } as const;
  return chooseRegions({ settings, view: view(), matching: endpoints, all: endpoints, ...change, event });
}
const regions = (routes: readonly DeliveryRoute[]): Record<string, string> =>
  Object.fromEntries(routes.map(({ endpointId, region }) => [endpointId, region]));

describe('the region of a delivery', () => {
  it('is the one of the endpoint, else the home of the tenant, else the one that accepted', () => {
    const both = [endpoint('pinned', 'ap'), endpoint('free')];
    expect(regions(route(both, { event: { placement: placed({ home: 'eu' }) } }))).toEqual({ pinned: 'ap', free: 'eu' });
    expect(regions(route(both))).toEqual({ pinned: 'ap', free: 'us' });
  });

  it('passes over what is not declared, and says so', () => {
    const [lost] = route([endpoint('lost', 'mars')], { event: { placement: placed({ home: 'eu' }) } });
    expect(lost).toMatchObject({ region: 'eu', unknownRegion: 'mars' });
    expect(route([endpoint('x')], { event: { placement: placed({ home: 'mars' }) } })).toMatchObject([
      { region: 'us', unknownRegion: 'mars' },
    ]);
  });

  it('of events in order is not left by spilling, and comes back by key', () => {
    const fifo = { ...endpoint('fifo'), ordering: 'fifo' as const };
    const event = { orderingKey: 'k', correlationId: 'c' };
    const spilling = { view: view({}, ['us']), remembered: () => 'ap' };
    expect(regions(route([fifo, endpoint('any')], { ...spilling, event }))).toEqual({ fifo: 'us', any: 'ap' });
    expect(regions(route([fifo], { ...spilling, event: { correlationId: 'c' } }))).toEqual({ fifo: 'ap' });
    const half = (orderingKey: string) =>
      new Set(
        Array.from(
          { length: 20 },
          (_, n) => route([fifo], { view: view({ us: 50 }), event: { orderingKey, correlationId: `c${n}` } })[0]?.region,
        ),
      );
    const keys = Array.from({ length: 20 }, (_, n) => half(`k${n}`));
    expect(keys.every(({ size }) => size === 1)).toBe(true);
    expect(new Set(keys.flatMap((one) => [...one])).size).toBe(2);
  });

  it('is another one while it is failed or spills, for each endpoint by itself', () => {
    const both = [endpoint('pinned', 'eu'), endpoint('free')];
    expect(route(both, { view: view({ eu: 0 }) })).toMatchObject([
      { region: 'us', because: 'failover' },
      { region: 'us', because: 'wanted' },
    ]);
    expect(regions(route(both, { view: view({}, ['us']) }))).toEqual({ pinned: 'eu', free: 'eu' });
  });

  it('is the home of a strict tenant whatever is pinned, failed or told', () => {
    const strict = placed({ home: 'eu', residency: 'strict' });
    const asked = { event: { placement: strict }, view: view({ eu: 0 }, ['eu']), settings: { ...settings, everythingIn: 'ap' } };
    expect(route([endpoint('pinned', 'us')], asked)).toMatchObject([{ region: 'eu', because: 'fixed' }]);
  });

  it('is where it happened when the event must not leave: nobody else would see the plan', () => {
    expect(regions(route([endpoint('pinned', 'eu')], { event: { scope: 'l', acceptedIn: 'us' } }))).toEqual({ pinned: 'us' });
  });

  it('is the primary one of a deployment that was rolled back', () => {
    const rolledBack = { settings: { ...settings, everythingIn: 'ap' }, event: { placement: placed({ home: 'eu' }) } };
    expect(regions(route([endpoint('pinned', 'us'), endpoint('free')], rolledBack))).toEqual({ pinned: 'ap', free: 'ap' });
  });
});

describe('what belongs together', () => {
  const went = (region: string) => ({ remembered: () => region });

  it('stays together although spilling ended', () => {
    expect(route([endpoint('a')], went('eu'))).toMatchObject([{ region: 'eu', because: 'remembered' }]);
  });

  it('stays together although spilling began', () => {
    expect(route([endpoint('a')], { ...went('us'), view: view({}, ['us']) })).toMatchObject([{ region: 'us', because: 'remembered' }]);
  });

  it('is parted when the remembered region is not available, or may not be used any more', () => {
    expect(regions(route([endpoint('a')], { ...went('eu'), view: view({ eu: 0 }) }))).toEqual({ a: 'us' });
    expect(regions(route([endpoint('a')], { ...went('eu'), view: view({ eu: 50 }) }))).toEqual({ a: 'us' });
    expect(regions(route([endpoint('a')], { ...went('mars') }))).toEqual({ a: 'us' });
    expect(regions(route([endpoint('a')], { ...went('eu'), event: { placement: placed({ spill: 'never' }) } }))).toEqual({ a: 'us' });
  });

  it('does not hold against a failover', () => {
    expect(route([endpoint('a')], { ...went('us'), view: view({ us: 0 }) })).toMatchObject([{ region: 'eu', because: 'failover' }]);
  });
});

describe('the default endpoint of a region', () => {
  const withDefault = { settings: { ...settings, withDefault: new Set(['us', 'eu']) } };

  it('gets what a tenant without an endpoint is owed', () => {
    expect(regions(route([], withDefault))).toEqual({ 'region.us': 'us' });
    expect(regions(route([], { ...withDefault, event: { placement: placed({ home: 'eu' }) } }))).toEqual({ 'region.eu': 'eu' });
    expect(route([], { ...withDefault, event: { placement: placed({ home: 'ap' }) } })).toEqual([]);
  });

  it('gets it when all endpoints are pinned elsewhere, beside them', () => {
    expect(regions(route([endpoint('far', 'ap')], withDefault))).toEqual({ far: 'ap', 'region.us': 'us' });
  });

  it('gets nothing when the tenant has an endpoint here, even one that did not match', () => {
    expect(route([], { ...withDefault, all: [endpoint('free')] })).toEqual([]);
    expect(route([], { ...withDefault, all: [endpoint('here', 'us')] })).toEqual([]);
    expect(route([], { ...withDefault, all: [endpoint('lost', 'mars')] })).toEqual([]);
  });

  it('is the same one when another region stands in: two planners must name the same delivery', () => {
    expect(regions(route([], { ...withDefault, view: view({ us: 0 }) }))).toEqual({ 'region.us': 'eu' });
  });
});

describe('in any deployment', () => {
  const region = fc.constantFrom(...order);
  const anyPlacement = fc.option(
    fc.record({
      residency: fc.constant('replicated' as const),
      home: fc.option(region, { nil: undefined }),
      failover: fc.option(fc.uniqueArray(region), { nil: undefined }),
      spill: fc.constantFrom('never' as const, 'allowed' as const, undefined),
    }),
    { nil: undefined },
  );
  const anyView = fc
    .record({ shares: fc.dictionary(region, fc.constantFrom(0, 25, 75, 100)), spilling: fc.uniqueArray(region) })
    .map(({ shares, spilling }) => view(shares, spilling));
  const anyEndpoints = fc
    .uniqueArray(
      fc.record({ id: fc.stringMatching(/^[a-z]{1,3}$/), region: fc.option(fc.constantFrom(...order, 'mars'), { nil: undefined }) }),
      {
        selector: ({ id }) => id,
      },
    )
    .map((all) => all.map((one) => endpoint(one.id, one.region)));
  const anySettings = fc.record({
    own: region,
    known: fc.constant(new Set(order)),
    everythingIn: fc.option(region, { nil: undefined }),
    withDefault: fc.uniqueArray(region).map((ids) => new Set(ids)),
  });
  const anyone = {
    settings: anySettings,
    view: anyView,
    matching: anyEndpoints,
    correlationId: fc.string(),
    acceptedIn: region,
    remembered: fc.option(region, { nil: undefined }),
  };

  it('every endpoint that matches is routed exactly once, to a region that may have it', () => {
    fc.assert(
      fc.property(fc.record({ ...anyone, placement: anyPlacement }), ({ correlationId, acceptedIn, remembered, placement, ...asked }) => {
        const event = { acceptedIn, scope: 'g', correlationId, placement } as const;
        const routes = chooseRegions({ ...asked, event, all: asked.matching, remembered: () => remembered });
        const own = routes.filter(({ endpointId }) => !endpointId.startsWith('region.'));
        expect(own.map(({ endpointId }) => endpointId)).toEqual(asked.matching.map(({ id }) => id));
        expect(routes.length - own.length).toBeLessThanOrEqual(1);
        for (const { wanted, region: chosen } of routes) {
          const may = [wanted, ...standIns(asked.view, { wanted, placement: event.placement, stickTo: correlationId })];
          expect(may).toContain(chosen);
        }
      }),
    );
  });

  it('nothing of a strict tenant ever leaves its home', () => {
    fc.assert(
      fc.property(fc.record({ ...anyone, home: region }), ({ correlationId, acceptedIn, remembered, home, ...asked }) => {
        const placement = placed({ home, residency: 'strict' });
        const routes = chooseRegions({
          ...asked,
          event: { acceptedIn, scope: 'g', correlationId, placement },
          all: asked.matching,
          remembered: () => remembered,
        });
        expect(new Set([home, ...routes.map(({ region: chosen }) => chosen)])).toEqual(new Set([home]));
      }),
    );
  });
});
