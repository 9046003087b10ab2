import { CONSUMERS, type DeliveryId, newJobId, peerConsumer, streamNames, subjects } from '@waybill/contracts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { audit, type AuditReport } from './audit.ts';
import { openDeliveriesIn } from './open-deliveries.ts';
import type { Get } from './reads/pages.ts';
import { TwoRegions } from './testing/two-regions.ts';

const delivered = { kind: 'delivered' };
const dead = { kind: 'dead_lettered', reason: 'attempts_exhausted' };
const retryIn = (ms: number): object => ({ kind: 'retry', at: new Date(Date.now() + ms).toISOString() });
const HOUR_MS = 3_600_000;
/** Facts in the specs are stored now; the audit that looks back from then on takes nothing for half read. */
const inAnHour = (): number => Date.now() + HOUR_MS;

let world: TwoRegions;

beforeEach(async () => {
  world = await TwoRegions.start();
});
afterEach(() => world.cleanup());

async function report(more: Partial<Parameters<typeof audit>[0]> = {}): Promise<AuditReport> {
  return (await audit({ regions: world.regions, nowMs: inAnHour, ...more })).report;
}

const counts = ({ violations, open, notices }: AuditReport): Record<string, number> =>
  Object.fromEntries([violations, open, notices].flatMap((found) => Object.entries(found).map(([kind, { count }]) => [kind, count])));

/** What a dispatcher and planner that are idle have acked. */
async function workAll(): Promise<void> {
  for (const region of ['us', 'eu'] as const) {
    const { log, peers } = streamNames(region);
    const feed = peerConsumer(region === 'us' ? 'eu' : 'us');
    for (const durable of [CONSUMERS.planner, CONSUMERS.dispatcherPlans, CONSUMERS.dispatcherLocal, feed]) await world.work(log, durable);
    await world.work(peers, CONSUMERS.dispatcherPeers);
  }
}

const copiesOfUs = (count: number): Promise<void> =>
  vi.waitFor(async () => expect(await world.copied('eu')).toBe(count), { timeout: 30_000 });

describe('an audit of two regions', () => {
  it('proves what is sound, counts shares, and finds what is lost', async () => {
    const over = await world.event('us', { deliverIn: 'eu', key: 'k' } as object);
    await world.tried(over, delivered, { by: 'eu' });
    const strict = await world.event('eu', { scope: 'l' });
    await world.tried(strict, dead, { by: 'eu', scope: 'l' });
    await copiesOfUs(2);
    const sound = await report();
    expect(counts(sound)).toEqual({});
    expect(sound).toMatchObject({
      clean: true,
      regions: {
        us: { accepted: 1, planned: 1, delivered: 0, shares: { accepted: 50, planned: 50, delivered: 0 } },
        eu: { accepted: 1, planned: 1, delivered: 1, dead_lettered: 1 },
      },
    });
    expect(sound.copies).toMatchObject([
      { region: 'us', of: 'eu', wanted: 1 },
      { region: 'eu', of: 'us', wanted: 2, copied: 2, behind: 0 },
    ]);

    // Nobody has these any more: their consumers have acked them, and no schedule is there.
    const eventId = await world.accepted('us');
    const untried = await world.event('us');
    const overdue = await world.event('us');
    await world.tried(overdue, retryIn(0));
    const promised = await world.event('us');
    await world.tried(promised, retryIn(2 * HOUR_MS));
    await world.tried({ ...over, deliveryId: 'dlv_unknown' as DeliveryId }, delivered);
    await workAll();
    const { violations, clean } = await report();
    expect(clean).toBe(false);
    expect(violations).toEqual({
      not_planned: { count: 1, ids: [eventId] },
      without_end: { count: 3, ids: [untried, overdue, promised].map(({ deliveryId }) => deliveryId) },
      unplanned: { count: 1, ids: ['dlv_unknown'] },
    });
  });

  it('tells what is under way, unless everything must be settled', async () => {
    const agoMs = 5 * 60_000;
    await world.accepted('us', { agoMs });
    await world.event('us', { agoMs });
    await world.event('us', { agoMs, deliverIn: 'eu' });
    await copiesOfUs(5);
    await workAll();
    expect(Object.keys(counts(await report())).toSorted()).toEqual(['not_planned', 'without_end']);
    // The same again, and nobody has taken it from the consumers yet.
    await world.accepted('us');
    await world.event('us');
    await world.event('us', { deliverIn: 'eu' });
    const waiting = await world.event('us');
    await world.tried(waiting, retryIn(2 * HOUR_MS));
    await world.append(subjects.retrySchedule('us', waiting.deliveryId, true), '{}');
    const scheduled = await world.event('us');
    await world.tried(scheduled, retryIn(0));
    await world.append(subjects.retrySchedule('eu', scheduled.deliveryId), '{}');
    await copiesOfUs(16);
    expect(counts(await report())).toMatchObject({ not_planned: 1, without_end: 2, event_open: 1, delivery_open: 4 });
    const settled = await report({ settled: true });
    expect(settled.open).toEqual({});
    expect(counts(settled)).toMatchObject({ not_planned: 2, without_end: 6 });
  });

  it('finds a hole in a copy, and what is only late', async () => {
    for (let n = 0; n < 3; n += 1) await world.tried(await world.event('us'), delivered);
    await copiesOfUs(9);
    await world.bus.jsm.streams.deleteMessage('PEERS_EU', 5);
    await world.bus.jsm.streams.deleteMessage('PEERS_EU', 9);
    const { violations, open, copies } = await report();
    expect(violations).toEqual({ copy_missing: { count: 1, ids: ['LOG_US:5 in eu'] } });
    expect(open).toEqual({ copy_behind: { count: 1, ids: ['LOG_US in eu'] } });
    expect(copies).toMatchObject([{ region: 'us' }, { region: 'eu', wanted: 9, copied: 7, behind: 1 }]);

    // What was handed over does not come again.
    await world.work('LOG_US', peerConsumer('eu'));
    expect(counts(await report())).toEqual({ copy_missing: 2 });
    await world.bus.jsm.streams.purge('PEERS_EU');
    expect(counts(await report())).toEqual({ copy_missing: 9 });
  });

  it('finds what a LOG has lost, between others, at its end, and under the sequences of others', async () => {
    for (let n = 0; n < 3; n += 1) await world.tried(await world.event('us'), delivered);
    await copiesOfUs(9);
    for (const seq of [4, 5, 6]) await world.bus.jsm.streams.deleteMessage('LOG_US', seq);
    const { violations } = await report();
    expect(Object.fromEntries(Object.entries(violations).map(([kind, { count }]) => [kind, count]))).toEqual({
      log_hole: 3,
      only_copied: 3,
    });
    const { config } = await world.bus.jsm.streams.info('LOG_US');
    const { config: feed } = await world.bus.jsm.consumers.info('LOG_US', peerConsumer('eu'));
    const before = [];
    for (const durable of [CONSUMERS.planner, CONSUMERS.plannerRuns, CONSUMERS.dispatcherPlans, CONSUMERS.dispatcherLocal])
      before.push((await world.bus.jsm.consumers.info('LOG_US', durable)).config);
    await world.bus.jsm.streams.update('PEERS_EU', { sources: [] });
    await world.bus.jsm.streams.delete('LOG_US');
    await world.bus.jsm.streams.add(config);
    for (const one of [feed, ...before]) await world.bus.jsm.consumers.add('LOG_US', one);
    expect(counts(await report())).toEqual({ only_copied: 9 });
    await world.tried(await world.event('us'), delivered);
    expect(counts(await report())).toMatchObject({ only_copied: 9 });
  });

  it('goes back as far as every LOG does', async () => {
    await world.event('us', { agoMs: HOUR_MS });
    const late = await world.event('us', { agoMs: -HOUR_MS });
    await world.tried(late, delivered);
    await copiesOfUs(5);
    await world.bus.jsm.streams.purge('LOG_US', { seq: 2 });
    const { violations, range, regions } = await report({ nowMs: () => Date.now() + 3 * HOUR_MS });
    expect([violations, regions['us']?.accepted]).toEqual([{}, 1]);
    expect(range).toMatchObject({ asked: null, from: expect.any(String) as unknown });
    await expect(report({ toMs: Date.now() - 2 * HOUR_MS })).rejects.toMatchObject({ code: 'WB_AUDIT_FAILED' });
  });

  it('compares what read models show', async () => {
    const [shown, other, lacking] = [await world.event('us'), await world.event('us'), await world.event('us')];
    for (const one of [shown, other, lacking]) await world.tried(one, delivered);
    await copiesOfUs(9);
    const states = [
      { id: shown.deliveryId, state: 'delivered' },
      { id: other.deliveryId, state: 'retrying' },
      { id: 'dlv_more', state: 'planned' },
    ];
    const events = [shown, other].map(({ eventId: id }) => ({ id, state: 'planned' }));
    const lists: Record<string, unknown[]> = {
      deliveries: states,
      events,
      'dead-letters': [{ id: shown.deliveryId, kind: 'delivery', state: 'open' }],
    };
    let isLater = false;
    const get: Get = async (path) => {
      // Life goes on while it is read.
      if (!isLater && path.startsWith('/v1/events')) {
        const later = await world.event('us');
        events.push({ id: later.eventId, state: 'planned' });
        states.push({ id: later.deliveryId, state: 'planned' });
        isLater = true;
      }
      if (path === '/v1/stats/position') return { log: { seq: 1_000 }, peers: { seq: 1_000 } };
      return { data: lists[/v1\/([a-z-]+)/.exec(path)?.[1] ?? ''], done: true, iterator: null };
    };
    const { violations, reads } = await report({ reads: new Map([['us', get]]) });
    expect(violations).toEqual({
      shown_differently: {
        count: 2,
        ids: [
          `delivery ${other.deliveryId}: delivered in the LOG, retrying in us`,
          `dead letter ${shown.deliveryId}: delivered in the LOG, open in us`,
        ],
      },
      only_shown: { count: 1, ids: ['delivery dlv_more in us'] },
      not_shown: { count: 2, ids: [`event ${lacking.eventId} in us`, `delivery ${lacking.deliveryId} in us`] },
    });
    expect(reads).toMatchObject([{ region: 'us', caughtUp: true, events: 3, deliveries: 4, deadLetters: 1, lacking: 2 }]);
  });
});

describe('the open deliveries of a region', () => {
  it('have a plan and no end, in its LOG or in PEERS, and the newest attempt and holder', async () => {
    const ended = await world.event('us');
    await world.tried(ended, delivered);
    const untried = await world.event('us', { scope: 'l' });
    const tried = await world.event('us', { deliverIn: 'eu' });
    await world.tried(tried, retryIn(HOUR_MS), { by: 'eu', attempt: 2 });
    await world.tried(tried, retryIn(0), { by: 'us', attempt: 1 });
    const claim = { v: 1, of: 'eu', by: 'us', epoch: 2, deliveryIds: [tried.deliveryId], at: new Date().toISOString() };
    await world.append(subjects.fact('us', 'g', 'takeover.claimed'), JSON.stringify(claim));
    const jobId = newJobId(Date.now(), new Uint8Array(10));
    const theirs = await world.event('eu', { replay: { jobId, kind: 'redrive' }, replayOf: ended.deliveryId });
    await vi.waitFor(async () => expect([await world.copied('us'), await world.copied('eu')]).toEqual([3, 7]), { timeout: 30_000 });
    const open = await openDeliveriesIn({ bus: world.bus, region: 'us', hasPeers: true });
    expect(open.toSorted((one, other) => (one.plannedMs < other.plannedMs ? -1 : 1))).toMatchObject([
      { deliveryId: untried.deliveryId, scope: 'l', heldBy: 'us', plan: { stream: 'LOG_US', seq: 5 }, last: undefined, replay: undefined },
      {
        deliveryId: tried.deliveryId,
        heldBy: 'us',
        plan: { stream: 'LOG_US', seq: 7 },
        last: { attempt: 2, by: 'eu', next: { kind: 'retry' } },
      },
      { deliveryId: theirs.deliveryId, heldBy: 'eu', plan: { stream: 'PEERS_US', seq: 3 }, replay: jobId, event: { region: 'eu', seq: 1 } },
    ]);
  });
});
