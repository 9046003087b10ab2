import type { RegionState } from '@waybill/contracts';
import { expect, it } from 'vitest';
import { sweepingRegion } from './sweeping-region.ts';

const order = ['us', 'eu', 'ap'];

it.each<[string, Record<string, RegionState>, string[], string]>([
  ['the first when nothing is known', {}, [], 'us'],
  ['the next when the first drains', { us: 'draining' }, [], 'eu'],
  ['the first that is fully back', { us: 'recovering', eu: 'failed' }, [], 'ap'],
  ['the next while the first does not renew its lease', {}, ['us'], 'eu'],
  ['the first active one when no lease is renewed', { us: 'failed' }, ['us', 'eu', 'ap'], 'eu'],
  ['the first when none is active', { us: 'failed', eu: 'drained', ap: 'draining' }, [], 'us'],
])('is %s', (_what, states, runOut, expected) => {
  expect(sweepingRegion({ order, stateOf: (region) => states[region], hasRunOut: (region) => runOut.includes(region) })).toBe(expected);
});
