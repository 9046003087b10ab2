import { placementSchema, type RoutingView } from '@waybill/contracts';
import { describe, expect, it } from 'vitest';
import { plannerFor } from './choose-planner.ts';

const view = (shares: Record<string, number>, to?: string): RoutingView => ({
  order: ['us', 'eu', 'ap'],
  states: new Map(Object.entries(shares).map(([region, share]) => [region, { state: share === 0 ? 'failed' : 'active', share, to }])),
  spilling: new Set(),
});
const placed = (placement: object) => placementSchema.parse(placement);

describe('who plans for a failed region', () => {
  it.each([
    ['the next one in order', view({ us: 0 }), undefined, 'eu'],
    ["the operator's choice", view({ us: 0 }, 'ap'), undefined, 'ap'],
    ["the first of the tenant's list", view({ us: 0 }), placed({ failover: ['ap'] }), 'ap'],
    ['the one after another failed one', view({ us: 0, eu: 0 }), undefined, 'ap'],
    ['nobody, when all are failed', view({ us: 0, eu: 0, ap: 0 }), undefined, undefined],
    ['nobody, when nobody may stand in', view({ us: 0 }), placed({ home: 'us', failover: [] }), undefined],
    ['the home, when only that may deliver', view({ us: 0 }), placed({ home: 'ap', failover: [] }), 'ap'],
    ['nobody, when that is failed too', view({ us: 0, ap: 0 }), placed({ home: 'ap', failover: [] }), undefined],
  ])('%s', (_, given, placement, expected) => {
    expect(plannerFor(given, 'us', placement)).toBe(expected);
  });
});
