import { HEADERS, subjects } from '@waybill/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import { acceptedBody, PlannerInMemory, toPlan } from '../../testing/planner-in-memory.ts';
import { RunsInMemory } from '../../testing/runs-in-memory.ts';
import { regionRecord } from '../../testing/region-record.ts';
import type { AcceptedEvent } from '../append-plans.ts';
import { PlannedEvents } from '../planned-events.ts';
import { Takeover } from './takeover.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const OF_US = /^wb\.(us\.g\.event\.accepted|[^.]+\.g\.(plan\.made\.|event\.refused))/;
const PLANS = /\.(plan\.made\.|event\.refused)/;

describe('planning in place of a failed region', () => {
  let us: PlannerInMemory;
  let eu: PlannerInMemory;
  let nowMs: number;
  let unplannable: unknown[];
  let scans: number;
  let onScan: () => void;
  let takeover: Takeover;

  const open = (): Takeover => {
    const peers = eu.peers.events('us', OF_US);
    return new Takeover({
      self: 'eu',
      of: 'us',
      schema: eu.schema,
      subscriptions: eu.subscriptions,
      routing: eu.routing,
      nowMs: () => nowMs,
      peers: {
        ...peers,
        scan: (stretch, visit) => {
          scans += 1;
          onScan();
          return peers.scan(stretch, visit);
        },
      },
      own: eu.log.events('us', PLANS),
      appender: eu.appender,
      runs: new RunsInMemory(eu).runs,
      openRuns: async () => undefined,
      isFailed: () => eu.records.get('us')?.state === 'failed',
      onUnplannable: (_, error) => unplannable.push(error),
    });
  };
  const plannedByUs = (event: AcceptedEvent): Promise<void> => us.appender.appendMissing(toPlan(event), new PlannedEvents(10));
  /** Everything that us holds and eu has not yet, at the present time. */
  const replicate = (): void => {
    eu.peers.copy(us.log, eu.peers.messages.filter(({ origin }) => origin?.stream === us.log.name).length + 1);
  };
  const acceptAndReplicate = (eventId: string, change: object = {}): AcceptedEvent => {
    const event = us.accept(eventId, change);
    replicate();
    return event;
  };
  /** The restart of a planner: only what is stored is known. */
  const restart = (): void => {
    eu.die();
    eu.log.forgetIds();
    takeover = open();
  };

  beforeEach(() => {
    us = new PlannerInMemory('us', { nowMs: () => nowMs });
    eu = new PlannerInMemory('eu', { nowMs: () => nowMs });
    for (const planner of [us, eu]) planner.endpoint('a');
    nowMs = HOUR_MS;
    unplannable = [];
    scans = 0;
    onScan = () => undefined;
    eu.records.set('us', regionRecord('us', 'failed'));
    takeover = open();
  });

  it('plans exactly what nobody planned, routed as the regions are now', async () => {
    await plannedByUs(us.accept('evt_planned'));
    await us.appender.refuse(us.accept('evt_refused'), { verdict: 'poison', detail: 'x', about: ABOUT }, new PlannedEvents(10));
    us.accept('evt_open');
    replicate();
    nowMs += MINUTE_MS;
    expect(await takeover.pass()).toBe(1);
    expect(eu.plans()).toEqual([['evt_open', 'eu', 'a', undefined]]);
    expect(eu.log.plans()[0]).toMatchObject({ event: { region: 'us' }, acceptedSeq: 5 });
    expect(await takeover.pass()).toBe(0);
  });

  it('plans what arrives while the region is failed, and nothing twice after a restart', async () => {
    acceptAndReplicate('evt_1');
    nowMs += MINUTE_MS;
    await takeover.pass();
    acceptAndReplicate('evt_2');
    nowMs += MINUTE_MS;
    await takeover.pass();
    restart();
    expect(await takeover.pass()).toBe(0);
    expect(eu.plans().map(([eventId]) => eventId)).toEqual(['evt_1', 'evt_2']);
  });

  it('leaves the newest alone for a moment: their plans may be on the way', async () => {
    const event = acceptAndReplicate('evt_1');
    nowMs += 1_000;
    expect(await takeover.pass()).toBe(0);
    await plannedByUs(event);
    replicate();
    nowMs += MINUTE_MS;
    expect(await takeover.pass()).toBe(0);
    expect(eu.plans()).toEqual([]);
  });

  it('appends only the missing plan of an event that its region planned in part', async () => {
    for (const planner of [us, eu]) planner.endpoint('b', 'ap');
    us.log.willBe('stored', 'lost');
    await expect(plannedByUs(us.accept('evt_1'))).rejects.toThrow('no ack');
    replicate();
    nowMs += MINUTE_MS;
    await takeover.pass();
    expect(eu.plans()).toEqual([['evt_1', 'ap', 'b', 2]]);
  });

  it('goes on where a failing NATS stopped it', async () => {
    for (let index = 0; index < 5; index += 1) us.accept(`evt_${index}`);
    replicate();
    nowMs += MINUTE_MS;
    eu.log.willBe('stored', 'lost', 'unanswered');
    await expect(takeover.pass()).rejects.toThrow('no ack');
    restart();
    await takeover.pass();
    expect(
      eu
        .plans()
        .map(([eventId]) => eventId)
        .toSorted(),
    ).toEqual(['evt_0', 'evt_1', 'evt_2', 'evt_3', 'evt_4']);
  });

  it('looks back until everything was planned, past times in which nothing came in', async () => {
    await plannedByUs(us.accept('evt_ancient'));
    replicate();
    nowMs += 10 * HOUR_MS;
    acceptAndReplicate('evt_old');
    nowMs += 10 * HOUR_MS;
    acceptAndReplicate('evt_new');
    nowMs += 100 * HOUR_MS;
    await takeover.pass();
    expect(eu.plans().map(([eventId]) => eventId)).toEqual(['evt_new', 'evt_old']);
    expect(scans).toBeLessThan(20);
  });

  it('does not look back further than needed', async () => {
    for (let hour = 0; hour < 5; hour += 1) {
      await plannedByUs(us.accept(`evt_${hour}`));
      replicate();
      nowMs += HOUR_MS;
    }
    await takeover.pass();
    expect(scans).toBe(1);
  });

  it('leaves to others what is theirs, and takes it when they fail too', async () => {
    eu.tenant('acme', { failover: ['ap', 'eu'] });
    acceptAndReplicate('evt_1');
    nowMs += MINUTE_MS;
    expect(await takeover.pass()).toBe(0);
    eu.records.set('ap', regionRecord('ap', 'failed'));
    expect(await takeover.pass()).toBe(1);
  });

  it('leaves to the region itself what only that may deliver', async () => {
    eu.tenant('acme', { home: 'us', failover: [] });
    acceptAndReplicate('evt_1');
    nowMs += MINUTE_MS;
    expect(await takeover.pass()).toBe(0);
  });

  it('refuses what its version forbids, in the name of the region that accepted it', async () => {
    acceptAndReplicate('evt_1', { version: 9, minCompatible: 9 });
    nowMs += MINUTE_MS;
    expect(await takeover.pass()).toBe(1);
    const refusal: unknown = JSON.parse(Buffer.from(eu.log.messages[0]?.body ?? '').toString());
    expect(refusal).toMatchObject({ eventId: 'evt_1', verdict: 'reader_too_old', region: 'us', seq: 1 });
  });

  it('waits for the registry that the event had seen, once, and then goes on with what is known', async () => {
    eu.registryIsBehind = true;
    for (const eventId of ['evt_1', 'evt_2']) {
      const body = acceptedBody(eventId, 'us');
      us.log.store({ subject: subjects.fact('us', 'g', 'event.accepted'), body, headers: { [HEADERS.registryRevision]: '42' } });
      replicate();
      nowMs += MINUTE_MS;
      await takeover.pass();
    }
    expect(eu.waitedFor).toEqual([['us', 42]]);
    expect(eu.plans()).toHaveLength(2);
  });

  it('is not held up by an event that cannot be planned', async () => {
    eu.appender.appendMissing = async (): Promise<void> => {
      throw new SyntaxError('broken');
    };
    acceptAndReplicate('evt_1');
    nowMs += MINUTE_MS;
    expect(await takeover.pass()).toBe(0);
    expect(unplannable).toEqual([new SyntaxError('broken')]);
  });

  it('stops as soon as the region is not failed any more', async () => {
    acceptAndReplicate('evt_1');
    nowMs += MINUTE_MS;
    eu.records.set('us', regionRecord('us', 'recovering'));
    expect(await takeover.pass()).toBe(0);
    expect(eu.plans()).toEqual([]);
  });

  it('looks again at what it left when the region fails once more', async () => {
    acceptAndReplicate('evt_1');
    nowMs += MINUTE_MS;
    onScan = () => void eu.records.set('us', regionRecord('us', 'recovering'));
    expect(await takeover.pass()).toBe(0);
    onScan = () => undefined;
    eu.records.set('us', regionRecord('us', 'failed'));
    expect(await takeover.pass()).toBe(1);
  });

  it('finds nothing in a region that never got anything', async () => {
    expect(await takeover.pass()).toBe(0);
    expect(eu.log.messages).toEqual([]);
  });
});

const ABOUT = { eventId: '', tenantId: '', eventType: '', version: 0 };
