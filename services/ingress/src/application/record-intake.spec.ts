import { ACK_EDGES_MS, intakeMeasuredSchema, WaybillError } from '@waybill/contracts';
import { beforeEach, expect, it } from 'vitest';
import { IntakeCounts } from '../domain/intake-counts.ts';
import type { FactHere } from './append-fact.ts';
import { recordIntake } from './record-intake.ts';

let counts: IntakeCounts;
let facts: FactHere[];
let isAway: boolean;
let nowMs: number;
let record: () => Promise<boolean>;

beforeEach(() => {
  [counts, facts, isAway, nowMs] = [new IntakeCounts(), [], false, 1_000];
  let marks = 0;
  record = recordIntake({
    region: 'us',
    counts,
    append: async (fact) => {
      // What is stored may be said to have failed all the same.
      facts.push(fact);
      if (isAway) throw new WaybillError('WB_NATS_AWAY', 'away');
      return { seq: facts.length };
    },
    newMark: () => String((marks += 1)),
    nowMs: () => nowMs,
  });
});

const bodies = () => facts.map(({ body }) => intakeMeasuredSchema.parse(body));

it('tells nothing when nothing was asked', async () => {
  expect(await record()).toBe(true);
  expect(facts).toEqual([]);
});

it('tells what was answered since it told last', async () => {
  for (const ms of [0.4, 1, 1.1, 49, 51, 99_999]) counts.accepted(ms, nowMs);
  counts.refused(422, 2_000);
  counts.refused(422, 2_000);
  counts.refused(401, 2_000);
  nowMs = 11_000;
  expect(await record()).toBe(true);
  expect(await record()).toBe(true);
  expect(facts).toMatchObject([{ type: 'intake.measured', scope: 'g', msgId: 'intake:us:1' }]);
  const [told] = bodies();
  expect(told).toMatchObject({
    region: 'us',
    from: new Date(1_000).toISOString(),
    at: new Date(11_000).toISOString(),
    refused: { 401: 1, 422: 2 },
  });
  expect(told?.ack.map((count, at) => [ACK_EDGES_MS[at] ?? 'above', count]).filter(([, count]) => count !== 0)).toEqual([
    [1, 2],
    [2.5, 1],
    [50, 1],
    [75, 1],
    ['above', 1],
  ]);
});

it('tries what could not be told again as it was, and counts on meanwhile', async () => {
  isAway = true;
  counts.accepted(1, nowMs);
  expect(await record()).toBe(false);
  for (let n = 0; n < 1_000; n += 1) counts.accepted(1, 5_000);
  expect(await record()).toBe(false);
  isAway = false;
  nowMs = 20_000;
  expect([await record(), await record()]).toEqual([true, true]);
  expect(facts.map(({ msgId }) => msgId)).toEqual(['intake:us:1', 'intake:us:1', 'intake:us:1', 'intake:us:2']);
  expect(bodies().map(({ ack }) => ack[0])).toEqual([1, 1, 1, 1_000]);
  expect(bodies()[3]?.from).toBe(new Date(5_000).toISOString());
});

it('tells no time that runs backwards', async () => {
  counts.refused(500, 9_000);
  nowMs = 1_000;
  await record();
  expect(bodies()).toMatchObject([{ from: new Date(9_000).toISOString(), at: new Date(9_000).toISOString() }]);
});
