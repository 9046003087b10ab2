import { type EndpointId, type JobId, type ListedItem, newEventId, replayDeliveryId, type ReplaySpec } from '@waybill/contracts';
import { describe, expect, it } from 'vitest';
import { deadLetter } from '../../testing/dead-letters.ts';
import { JobsInMemory } from '../../testing/jobs-in-memory.ts';
import { PlannerInMemory, toPlan } from '../../testing/planner-in-memory.ts';
import { PlannedEvents } from '../planned-events.ts';

const [a, b] = ['a' as EndpointId, 'b' as EndpointId];
const EVENTS = 7;
/** Slow enough that progress is told on the way, with a few items under way at once. */
const SLOWLY = { ratePerSecond: 2 };
const replay = (change: Partial<ReplaySpec>): ReplaySpec => ({
  kind: 'replay',
  from: '2025-12-31T00:00:00.000Z',
  to: '2026-01-02T00:00:00.000Z',
  destinations: 'then',
  ...change,
});

describe('a job whose process dies', () => {
  let jobs: JobsInMemory;
  let items: ListedItem[];

  const open = async (): Promise<void> => {
    const planner = new PlannerInMemory('us', { nowMs: () => jobs.nowMs });
    jobs = new JobsInMemory(planner);
    planner.endpoint(a);
    // Delivered by another region: two plans an event.
    planner.endpoint(b, 'eu');
    items = [];
    for (let index = 0; index < EVENTS; index += 1) {
      const eventId = newEventId(jobs.nowMs + index, Buffer.alloc(10, index));
      const event = planner.accept(eventId);
      await planner.appender.appendMissing(toPlan(event), new PlannedEvents(10));
      items.push(deadLetter(planner.log.name, { eventId, seq: event.seq, planSeq: event.seq + 1 }, a));
    }
  };
  /** Each delivery that jobs planned, by the region that makes it. */
  const planned = (): string[] =>
    jobs.replayed().flatMap(({ region, deliveries }) => deliveries.map(({ deliveryId }) => `${region} ${deliveryId}`));

  it.each([
    { name: 'a redrive', begin: () => jobs.redrive(items, SLOWLY), endpoints: [a] },
    { name: 'a replay to the destinations of then', begin: () => jobs.create(replay({}), SLOWLY), endpoints: [a, b] },
    { name: 'a replay to the destinations of now', begin: () => jobs.create(replay({ destinations: 'now' }), SLOWLY), endpoints: [a, b] },
    { name: 'a replay into one endpoint', begin: () => jobs.create(replay({ destinations: 'now', into: b }), SLOWLY), endpoints: [b] },
  ])('goes on where it was, at whatever step: $name', async ({ begin, endpoints }) => {
    const wanted = (id: JobId): string[] =>
      items.flatMap(({ eventId }) =>
        endpoints.map((endpoint) => `${endpoint === a ? 'us' : 'eu'} ${replayDeliveryId(id, eventId, endpoint)}`),
      );
    for (const lastIs of ['stored', 'lost'] as const) {
      let steps = Number.POSITIVE_INFINITY;
      for (let step = 1; step <= steps; step += 1) {
        await open();
        const id = begin();
        const before = jobs.planner.log.messages.length;
        Object.assign(jobs, { livesFor: step, lastIs });
        await jobs.settle();
        jobs.restart();
        await jobs.settle();
        if (steps === Number.POSITIVE_INFINITY) steps = EVENTS * endpoints.length;
        expect(planned().toSorted(), `died at ${step}`).toEqual(wanted(id).toSorted());
        expect(jobs.job(id)).toMatchObject({ state: 'done', done: EVENTS * endpoints.length, skipped: {} });
        steps = Math.max(steps, jobs.planner.log.messages.length - before);
      }
    }
  });
});
