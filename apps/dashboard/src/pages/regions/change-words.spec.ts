import { expect, it } from 'vitest';
import { wordsOf } from './change-words.ts';

const about = { region: 'eu', at: '2026-11-21T10:00:00.000Z', writtenIn: 'us' };
const by = { epoch: 3, who: 'ann', why: 'site down', how: 'manual' } as const;

it.each([
  [
    { kind: 'region.changed', state: 'failed', share: 0, to: 'us', ...by },
    { what: 'failed, us stands in', who: 'ann', why: 'site down' },
  ],
  [
    { kind: 'region.changed', state: 'recovering', share: 25, to: 'us', ...by, who: 'eu', how: 'automatic' },
    { what: 'recovering at 25 %', who: 'by itself', why: 'site down' },
  ],
  [
    { kind: 'region.changed', state: 'failed', share: 0, ...by, who: 'us', how: 'automatic' },
    { what: 'failed', who: 'us, by itself', why: 'site down' },
  ],
  [
    { kind: 'region.spilled', spilling: true, because: 'error_rate', queueDepth: 3, concurrencyPercent: 10, errorRate: 0.0812 },
    { what: 'hands new events on', who: 'by itself', why: '8.1 % of its attempts failed' },
  ],
  [
    { kind: 'takeover.claimed', by: 'us', epoch: 3, deliveries: 1 },
    { what: 'had 1 delivery taken over', who: 'us', why: '' },
  ],
  [
    { kind: 'takeover.closed', by: 'us', epoch: 3, role: 'dispatcher' },
    { what: 'has its deliveries to itself again', who: 'us', why: '' },
  ],
] as const)('%j', (entry, words) => expect(wordsOf({ ...about, ...entry })).toEqual(words));
