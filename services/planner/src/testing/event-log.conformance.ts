import { subjects } from '@waybill/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import type { EventLog, Found, Stretch } from '../application/event-log.ts';
import { acceptedBody } from './planner-in-memory.ts';

/** A stream of region `us` to write to, and the log to be judged, which shows the events of `us` in it. Both begin empty. */
export interface EventLogUnderTest {
  readonly log: EventLog;
  readonly store: (subject: string, body: Uint8Array | string, headers?: Record<string, string>) => Promise<number>;
}

const refusal = (region: string, seq: number): string =>
  JSON.stringify({
    v: 1,
    eventId: 'evt_1',
    tenantId: 'acme',
    eventType: 'a',
    verdict: 'poison',
    detail: '',
    version: 1,
    region,
    seq,
    at: '2026-01-01T00:00:00Z',
  });

/** What every event log promises. */
export function eventLogConformance(name: string, open: () => Promise<EventLogUnderTest>): void {
  describe(`${name} as an event log`, () => {
    let log: EventLog;
    let store: EventLogUnderTest['store'];
    const accept = (eventId: string): Promise<number> =>
      store(subjects.fact('us', 'g', 'event.accepted'), acceptedBody(eventId, 'us'), { 'Wb-Registry': '42' });
    const refuse = (region: string, seq: number): Promise<number> => store(subjects.fact('us', 'g', 'event.refused'), refusal(region, seq));
    const scan = async (stretch: Stretch): Promise<[first: number | undefined, found: string[]]> => {
      const all: Found[] = [];
      const first = await log.scan(stretch, (found) => all.push(found));
      return [first, all.map(({ kind, place, seq }) => `${kind} ${place} ${seq}`)];
    };

    beforeEach(async () => {
      ({ log, store } = await open());
    });

    it('shows what is about its region, in order, and where it began to read', async () => {
      await store(subjects.fact('us', 'g', 'delivery.attempted'), '{}');
      await refuse('eu', 9);
      await accept('evt_1');
      await refuse('us', 3);
      expect(await scan({})).toEqual([2, ['accepted 3 3', 'refused 4 3']]);
    });

    it('reads a stretch, both ends included', async () => {
      for (const eventId of ['evt_1', 'evt_2', 'evt_3', 'evt_4']) await accept(eventId);
      expect(await scan({ fromSeq: 2, toSeq: 3 })).toEqual([2, ['accepted 2 2', 'accepted 3 3']]);
      expect(await scan({ fromMs: 0, toSeq: 1 })).toEqual([1, ['accepted 1 1']]);
      expect(await scan({ fromSeq: 5 })).toEqual([undefined, []]);
      expect(await scan({ fromMs: -1, toSeq: 0 })).toEqual([undefined, []]);
    });

    it('reads from a time on', async () => {
      await accept('evt_1');
      const { firstMs } = await log.extent();
      expect(await scan({ fromMs: firstMs })).toEqual([1, ['accepted 1 1']]);
      expect(await scan({ fromMs: firstMs + 60_000 })).toEqual([undefined, []]);
    });

    it('gives back an accepted event with its headers', async () => {
      await accept('evt_1');
      const found = { kind: 'accepted', type: 'event.accepted', place: 1, seq: 7, storedMs: 0 } as const;
      const event = await log.read(found);
      expect(event).toMatchObject({ region: 'us', seq: 7, scope: 'g' });
      expect(Buffer.from(event?.body ?? '').toString()).toContain('evt_1');
      expect([event?.header('Wb-Registry'), event?.header('Other')]).toEqual(['42', '']);
      expect(await log.read({ ...found, place: 2 })).toBeUndefined();
    });

    it('knows its extent and the time of its newest event', async () => {
      expect(await log.newestMs()).toBeUndefined();
      await accept('evt_1');
      await refuse('us', 1);
      const { lastSeq, firstMs } = await log.extent();
      expect(lastSeq).toBe(2);
      expect(await log.newestMs()).toBe(firstMs);
    });
  });
}
