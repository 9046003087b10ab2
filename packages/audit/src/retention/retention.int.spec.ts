import { CONSUMERS, newJobId, peerConsumer, streamNames, subjects } from '@waybill/contracts';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { TwoRegions } from '../testing/two-regions.ts';
import { endsOf } from '../walk/stretch.ts';
import { misplacedIn } from './misplaced.ts';
import { applyRetention, planRetention, type StreamRetention } from './plan-retention.ts';

const DAY_MS = 86_400_000;
const delivered = { kind: 'delivered' };

let world: TwoRegions;

beforeAll(async () => {
  world = await TwoRegions.start();
});
afterAll(() => world.cleanup());

/** Looks at `us` as it will be in so many days: what is stored now is then so old. */
function inDays(days: number, kept = { ended: 14 * DAY_MS, deadLetters: 30 * DAY_MS }): Promise<StreamRetention[]> {
  const nowMs = Date.now() + days * DAY_MS;
  return planRetention({ bus: world.bus, region: 'us', hasPeers: true, keptMs: kept, keepNewest: 1, nowMs });
}

const held = (plans: readonly StreamRetention[]): string[][] =>
  plans.map(({ heldBy }) => heldBy.map(({ what, fromSeq }) => `${fromSeq} ${what}`));

async function workAll(): Promise<void> {
  const { log, peers } = streamNames('us');
  const ofLog = [
    CONSUMERS.planner,
    CONSUMERS.plannerRuns,
    CONSUMERS.dispatcherPlans,
    CONSUMERS.dispatcherLocal,
    CONSUMERS.projector,
    peerConsumer('eu'),
  ];
  for (const durable of ofLog) await world.work(log, durable);
  for (const durable of [CONSUMERS.dispatcherPeers, CONSUMERS.projector]) await world.work(peers, durable);
}

describe('retention of a region', () => {
  it('keeps what is young, unread, open, or read by a job; and removes the rest, once', async () => {
    for (let n = 0; n < 3; n += 1) await world.tried(await world.event('us'), delivered);
    for (let n = 0; n < 2; n += 1) await world.tried(await world.event('eu'), delivered, { by: 'eu' });
    await vi.waitFor(async () => expect(await world.copied('us')).toBe(6), { timeout: 30_000 });
    expect((await inDays(13)).map(({ removable }) => removable)).toEqual([0, 0]);
    // Nobody has read anything yet.
    const unread = await inDays(15);
    expect(unread.map(({ removable }) => removable)).toEqual([0, 0]);
    expect(held(unread)).toEqual([
      expect.arrayContaining([
        '1 consumer planner has 3 facts to go',
        '1 consumer to_eu has 9 facts to go',
        '1 consumer projector has 9 facts to go',
      ]),
      expect.arrayContaining(['1 consumer projector has 6 facts to go']),
    ]);

    await workAll();
    expect((await inDays(15)).map(({ removable, heldBy }) => [removable, heldBy])).toEqual([
      [8, []],
      [5, []],
    ]);
    const open = await world.event('us');
    await workAll();
    expect(held(await inDays(15))[0]).toEqual([`1 delivery ${open.deliveryId} has no end`]);
    await world.tried(open, { kind: 'dead_lettered', reason: 'attempts_exhausted' });
    await workAll();
    expect(held(await inDays(15))[0]).toEqual([`1 dead letter ${open.deliveryId} is open`]);
    expect(held(await inDays(31))[0]).toEqual([]);
    const discard = { v: 1, region: 'us', ids: [open.deliveryId], by: { actor: 'a', reason: 'r' }, at: new Date().toISOString() };
    await world.append(subjects.fact('us', 'g', 'dead_letter.discarded'), JSON.stringify(discard));
    await workAll();
    expect(held(await inDays(15))[0]).toEqual([]);

    const jobId = newJobId(Date.now(), new Uint8Array(10));
    const at = new Date().toISOString();
    const spec = { kind: 'replay', from: at, to: at, destinations: 'then' };
    const job = { v: 1, jobId, region: 'us', spec, ratePerSecond: 1, start: false, lists: [7], by: discard.by, at };
    await world.append(subjects.fact('us', 'l', 'job.created'), JSON.stringify(job));
    await workAll();
    expect(held(await inDays(15))[0]).toEqual([`1 job ${jobId} is planning`, `7 job ${jobId} is planning`]);
    await world.append(subjects.fact('us', 'l', 'job.ended'), JSON.stringify({ v: 1, jobId, how: 'done', done: 0, skipped: {}, at }));
    await workAll();

    const plans = await inDays(15);
    expect(plans.map(({ removable, keepFromSeq }) => [removable, keepFromSeq])).toEqual([
      [14, 15],
      [5, 6],
    ]);
    for (const plan of plans) expect(await applyRetention(world.bus, plan)).toBe(plan.removable);
    // Again: nothing is left to do, and the newest fact is there.
    for (const plan of [...plans, ...(await inDays(15))]) expect(await applyRetention(world.bus, plan)).toBe(0);
    const states = await Promise.all(['LOG_US', 'PEERS_US'].map((stream) => world.bus.jsm.streams.info(stream)));
    expect(states.map(({ state }) => [state.first_seq, state.messages])).toEqual([
      [15, 1],
      [6, 1],
    ]);
  });

  it('leaves the newest thousand facts alone, whatever their age', async () => {
    const options = { bus: world.bus, region: 'us', hasPeers: true, keptMs: { ended: 0, deadLetters: 0 }, nowMs: Date.now() + 8 * DAY_MS };
    for (let n = 0; n < 1_010; n += 1) await world.append(subjects.fact('us', 'l', 'region.beat'), '{}');
    await workAll();
    const [plan] = await planRetention(options);
    expect((plan?.keepFromSeq ?? 0) + 999).toBe((await world.bus.jsm.streams.info('LOG_US')).state.last_seq);
  });

  it('lets nothing go of what is needed, wherever a clock that jumped has put it', async () => {
    const { lastSeq } = await endsOf(world.bus, 'LOG_US');
    const one = await world.event('us');
    const { eventId } = one;
    await world.tried(one, delivered);
    await workAll();
    const source = { bus: world.bus, stream: 'LOG_US', subjects: subjects.logFilter('us') };
    const plan = { keepFromSeq: lastSeq + 3, removable: lastSeq + 2 };
    expect(await misplacedIn(source, plan, new Set([eventId]))).toMatchObject([{ fromSeq: lastSeq + 1 }]);
    expect(await misplacedIn(source, { ...plan, keepFromSeq: lastSeq + 1 }, new Set([eventId]))).toEqual([]);
  });

  it('keeps a week in any case: so far back facts are read of what was dispatched', async () => {
    const removable = async (days: number) => (await inDays(days, { ended: DAY_MS, deadLetters: DAY_MS })).map((plan) => plan.removable);
    expect(await removable(7)).toEqual([0, 0]);
    expect((await removable(8))[0]).toBeGreaterThan(0);
  });

  it('removes nothing where facts are kept for ever', async () => {
    const plans = await inDays(1_000, { ended: Number.POSITIVE_INFINITY, deadLetters: DAY_MS });
    expect(plans.map(({ removable, heldBy }) => [removable, heldBy])).toEqual([
      [0, []],
      [0, []],
    ]);
  });
});
