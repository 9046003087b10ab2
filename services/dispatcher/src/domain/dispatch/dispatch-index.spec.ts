import { dispatchIntendedSchema, type DispatchSettled, dispatchSettledSchema } from '@waybill/contracts';
import { describe, expect, it } from 'vitest';
import { DispatchIndex, HISTORY_MS, placeOf } from './dispatch-index.ts';

const START_MS = Date.parse('2026-11-21T10:00:00.000Z');
const TARGET = { host: 'github.test', repositoryId: '1', workflow: 'cd.yml', ref: 'main' };
const PLACE = placeOf(TARGET);
const base = (key: string, region: string, atMs: number) => ({
  v: 1,
  deliveryId: `dlv_${key}`,
  eventId: `evt_${key}`,
  tenantId: 'gh-acme',
  endpointId: 'github:acme/app/cd.yml',
  key,
  region,
  at: new Date(START_MS + atMs).toISOString(),
  ...TARGET,
});
const intended = (key: string, atMs: number, region = 'us') => dispatchIntendedSchema.parse({ ...base(key, region, atMs), attempt: 1 });
const settled = (key: string, outcome: DispatchSettled['outcome'], atMs: number, region = 'us') =>
  dispatchSettledSchema.parse({ ...base(key, region, atMs), chain: { id: 'c', depth: 1, ancestors: [] }, outcome });
const started = { kind: 'started', runId: '42', how: 'answered' } as const;
const released = { kind: 'released', detail: '' } as const;

describe('what is known of dispatches', () => {
  it('is that an intent is open until the same region says what became of it', () => {
    const index = new DispatchIndex();
    index.noteIntended(intended('a', 0));
    index.noteSettled(settled('a', released, 1, 'eu'));
    expect(index.of('a').openSinceMs).toBe(START_MS);
    index.noteSettled(settled('a', { kind: 'unknown', detail: '' }, 1));
    expect(index.of('a')).toMatchObject({ openSinceMs: START_MS, isUnknown: true });
    index.noteSettled(settled('a', released, 2));
    expect(index.of('a')).toMatchObject({ intents: 1, end: undefined });
    expect(index.of('a').openSinceMs).toBeUndefined();
  });

  it('does not change when facts are read again', () => {
    const index = new DispatchIndex();
    for (let time = 0; time < 2; time += 1) {
      index.noteIntended(intended('a', 0));
      expect(index.of('a').openSinceMs).toBe(time === 0 ? START_MS : undefined);
      index.noteSettled(settled('a', released, 1));
    }
    expect(index.of('a').intents).toBe(1);
  });

  it('stays ended, and started whatever else is said', () => {
    const index = new DispatchIndex();
    index.noteSettled(settled('a', { kind: 'failed', reason: 'github_unavailable', detail: '' }, 5, 'eu'));
    index.noteSettled(settled('a', started, 3));
    index.noteSettled(settled('a', { kind: 'failed', reason: 'github_unavailable', detail: '' }, 6, 'eu'));
    index.noteIntended(intended('a', 0));
    expect(index.of('a')).toMatchObject({ end: started });
    expect([index.of('a').openSinceMs, index.startedBy('github.test', '42'), index.heldSinceMs(PLACE, ['b'], START_MS)]).toEqual([
      undefined,
      'a',
      undefined,
    ]);
  });

  it('is who holds a place, for an hour at most', () => {
    const index = new DispatchIndex();
    index.noteIntended(intended('a', 0));
    expect([index.heldSinceMs(PLACE, ['b'], START_MS + 1), index.heldSinceMs(PLACE, ['a'], START_MS + 1)]).toEqual([START_MS, undefined]);
    expect(index.heldSinceMs(placeOf({ ...TARGET, ref: 'refs/heads/main' }), ['b'], START_MS)).toBe(START_MS);
    expect(index.heldSinceMs(placeOf({ ...TARGET, ref: 'release' }), ['b'], START_MS)).toBeUndefined();
    expect(index.heldSinceMs(PLACE, ['b'], START_MS + 3_600_000)).toBeUndefined();
  });

  it('counts the runs whose ids GitHub did not name', () => {
    const index = new DispatchIndex();
    index.noteIntended(intended('a', 0));
    index.noteSettled(settled('a', { kind: 'started', how: 'answered' }, 1));
    expect([index.namelessSince(PLACE, 'b', START_MS - 1), index.namelessSince(PLACE, 'a', START_MS - 1)]).toEqual([1, 0]);
    expect(index.namelessSince(PLACE, 'b', START_MS + 1)).toBe(0);
  });

  it('is bounded, and says since when it is whole', () => {
    const index = new DispatchIndex(2);
    for (const [n, key] of ['a', 'b', 'c'].entries()) index.noteSettled(settled(key, { ...started, runId: key }, n * 1_000));
    expect([index.size, index.of('a').end, index.startedBy('github.test', 'a')]).toEqual([2, undefined, undefined]);
    expect(index.completeSinceMs(START_MS + 5_000)).toBe(START_MS);
    index.noteSettled(settled('d', started, HISTORY_MS + 60_000));
    expect([index.size, index.completeSinceMs(START_MS + HISTORY_MS + 60_000)]).toEqual([1, START_MS + 60_000]);
  });
});
