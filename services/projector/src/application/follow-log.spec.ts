import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { readPage } from '../adapters/queries/list.ts';
import { DELIVERIES } from '../adapters/queries/lists.ts';
import { type Database, openDatabase } from '../adapters/store/database.ts';
import { migrate } from '../adapters/store/migrate.ts';
import { projectionStore } from '../adapters/store/projection-store.ts';
import { judgeCopies, judgeLog } from '../domain/continuity.ts';
import { readFact, type StoredMessage } from '../domain/read-fact.ts';
import { MemoryRows } from '../testing/memory-rows.ts';
import { copiesIn, SampleLog } from '../testing/sample-facts.ts';
import { addEvents } from '../testing/whole-events.ts';
import { later } from '../adapters/worker/later.ts';
import { anyLog } from '../testing/sample-sequence.ts';
import { applyFacts, type InTransaction } from './apply-batch.ts';
import { followLog, type LogMessage, type LogPorts } from './follow-log.ts';
import type { Feed } from './in-batches.ts';
import { keepFollowing, type ProjectionState } from './keep-following.ts';

const databases: Database[] = [];
afterEach(async () => {
  for (const database of databases.splice(0)) await database.close();
});

async function openStore() {
  const database = openDatabase({ engine: 'sqlite', file: ':memory:' });
  databases.push(database);
  await migrate(database);
  return { database, store: projectionStore(database) };
}

interface World {
  readonly log: Pick<SampleLog, 'stream' | 'messages'>;
  /** Called before each step with its name; throws to kill the projection there. */
  readonly step: (name: string) => void;
  /** What the broker makes of the messages it delivers. */
  readonly deliver: (messages: readonly StoredMessage[]) => readonly StoredMessage[];
  /** What the stream holds; everything unless said otherwise. */
  readonly holds?: (messages: readonly StoredMessage[]) => readonly StoredMessage[];
  /** Where the stream begins; 1 unless said otherwise. */
  readonly firstSeq?: () => number;
}

/** A projection of `world`, with everything it did. */
async function projection(world: World) {
  const { database, store } = await openStore();
  const reports: ProjectionState[] = [];
  const acked: number[] = [];
  const { stream, messages } = world.log;
  const inTransaction: InTransaction = async (work) => {
    world.step('begin');
    const result = await store.inTransaction((transaction) =>
      work({
        ...transaction,
        load: async (touched) => {
          world.step('load');
          return transaction.load(touched);
        },
        save: async (changes) => {
          world.step('save');
          await transaction.save(changes);
          world.step('commit');
        },
      }),
    );
    world.step('ack');
    return result;
  };
  const ack = (seq: number) => (): void => void acked.push(seq);
  const ports: LogPorts = {
    stream,
    checkpoint: async () => {
      world.step('checkpoint');
      return store.checkpoint(stream);
    },
    state: async () => ({ created: 'then', firstSeq: world.firstSeq?.() ?? 1, lastSeq: messages.length }),
    judge: judgeLog,
    open: async (after) => {
      world.step('open');
      return feedOf(world.deliver(messages.slice(after)).map((one) => ({ ...one, ack: ack(one.seq) })));
    },
    nextIn: async (seq) => (world.holds ?? straight)(messages).find((one) => one.seq >= seq)?.seq,
    apply: (step, facts) => applyFacts(inTransaction, step, facts),
    report: (state) => void reports.push(state),
    later,
  };
  return { database, store, ports, reports, acked };
}

function feedOf(messages: readonly LogMessage[]): Feed<LogMessage> {
  async function* read(): AsyncGenerator<LogMessage, void> {
    yield* messages;
  }
  return { stop: () => undefined, [Symbol.asyncIterator]: read };
}

const LIMITS = { size: 3, waitMs: 60_000 };
const never = new AbortController().signal;
const straight = (messages: readonly StoredMessage[]): readonly StoredMessage[] => messages;
const noStep = (): void => undefined;

/** Starts the projection again and again, as a supervisor does, until it is at the end. */
async function untilTheEnd(world: World) {
  const running = await projection(world);
  const done = new AbortController();
  const pause = async (): Promise<void> => {
    const { seq } = await running.store.checkpoint(world.log.stream);
    // Beats at the end are read, and move no checkpoint.
    if (Math.max(seq, running.reports.at(-1)?.seq ?? 0) >= world.log.messages.length) done.abort();
  };
  await keepFollowing((signal) => followLog(running.ports, signal, LIMITS), running.ports.report, pause, done.signal);
  return running;
}

async function expectExactlyOnce(database: Database, log: Pick<SampleLog, 'messages'>): Promise<void> {
  const memory = new MemoryRows();
  memory.apply(log.messages.map(readFact));
  const { data } = await readPage(database, DELIVERIES, { limit: 250 });
  expect(new Map(data.map((row) => [row.id, row]))).toEqual(memory.deliveries);
  const totals = await database.db.selectFrom('total').selectAll().where('value', '<>', 0).execute();
  expect(new Map(totals.map((row) => [[row.scope, row.scope_id, row.subject, row.state].join(' '), row.value]))).toEqual(
    new Map([...memory.totals].filter(([, value]) => value !== 0)),
  );
}

describe('following a LOG', () => {
  it('applies each fact exactly once when it is killed between any two steps', async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, fc.uniqueArray(fc.nat({ max: 40 }), { maxLength: 12 }), async (log, deaths) => {
        let steps = 0;
        const step = (name: string): void => {
          steps += 1;
          if (deaths.includes(steps)) throw new Error(`killed before ${name}`);
        };
        const { database } = await untilTheEnd({ log, step, deliver: straight });
        await expectExactlyOnce(database, log);
      }),
      { numRuns: 40 },
    );
  });

  it('applies each fact exactly once when the broker repeats and loses messages', async () => {
    const disorder = fc.array(fc.constantFrom('once', 'once', 'once', 'again', 'all again', 'lost'), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(anyLog, disorder, async (log, moods) => {
        let run = 0;
        const deliver = (messages: readonly StoredMessage[]): readonly StoredMessage[] =>
          messages.flatMap((message, index) => {
            run += 1;
            const mood = run > 60 ? 'once' : moods[(index + run) % moods.length];
            if (mood === 'lost') return [];
            if (mood === 'again') return [message, message];
            return mood === 'all again' ? [message, ...log.messages.slice(0, message.seq)] : [message];
          });
        const { database } = await untilTheEnd({ log, step: noStep, deliver });
        await expectExactlyOnce(database, log);
      }),
      { numRuns: 40 },
    );
  });

  it('acknowledges the last message of a batch, after the commit', async () => {
    const log = new SampleLog();
    for (let n = 0; n < 4; n += 1) log.accepted(n);
    const { ports, acked } = await projection({ log, step: noStep, deliver: straight });
    await followLog(ports, never, LIMITS);
    expect(acked).toEqual([3, 4]);
    const failing = await projection({ log, step: (name) => name === 'commit' && fail(), deliver: straight });
    await expect(followLog(failing.ports, never, LIMITS)).rejects.toThrow('killed');
    expect(failing.acked).toEqual([]);
  });

  it('stops visibly and applies nothing when the stream was made anew', async () => {
    const log = new SampleLog();
    log.accepted(1);
    const { ports, store, reports } = await projection({ log, step: noStep, deliver: straight });
    await followLog(ports, never, LIMITS);
    await followLog({ ...ports, state: async () => ({ created: 'now', firstSeq: 1, lastSeq: 9 }) }, never, LIMITS);
    expect(reports.at(-1)).toMatchObject({ ok: false, detail: expect.stringContaining('created anew') });
    expect((await store.checkpoint(log.stream)).seq).toBe(1);
  });

  it('reads PEERS again from its beginning when it was made anew, says so, and counts nothing twice', async () => {
    const eu = new SampleLog('eu');
    addEvents(eu, 0, 2);
    const copies = copiesIn('PEERS_US', eu.messages);
    const log = { stream: 'PEERS_US', messages: copies };
    const { ports, store, database, reports } = await projection({ log, step: noStep, deliver: straight });
    const peers = { ...ports, judge: judgeCopies };
    await followLog(peers, never, LIMITS);
    const anew = async () => ({ created: 'now', firstSeq: 1, lastSeq: copies.length });
    // In one batch, whose end is the old checkpoint.
    await followLog({ ...peers, state: anew }, never, { ...LIMITS, size: 100 });
    expect(reports.map(({ ok, detail }) => [ok, detail])).toContainEqual([true, expect.stringContaining('created anew at now')]);
    expect(await store.checkpoint('PEERS_US')).toEqual({ seq: 8, streamCreated: 'now', origin: 'LOG_EU 8' });
    await expectExactlyOnce(database, log);
  });

  it('goes through beats without a transaction for each, and acknowledges them', async () => {
    const log = new SampleLog();
    for (let n = 0; n < 7; n += 1) log.beat();
    let transactions = 0;
    const step = (name: string): void => void (transactions += name === 'begin' ? 1 : 0);
    const { ports, store, acked, reports } = await projection({ log, step, deliver: straight });
    await followLog(ports, never, LIMITS);
    expect([transactions, (await store.checkpoint(log.stream)).seq]).toEqual([0, 0]);
    expect([acked.at(-1), reports.at(-1)]).toEqual([7, { ok: true, seq: 7 }]);
    log.accepted(1);
    await followLog(ports, never, { ...LIMITS, size: 100 });
    expect([transactions, (await store.checkpoint(log.stream)).seq]).toEqual([1, 8]);
    for (let n = 0; n < 150; n += 1) log.beat();
    await followLog(ports, never, LIMITS);
    expect([transactions, (await store.checkpoint(log.stream)).seq]).toEqual([2, 110]);
  });

  it('records a hole that the stream itself has, and goes on', async () => {
    const log = new SampleLog();
    for (let n = 0; n < 5; n += 1) log.accepted(n);
    const holds = (messages: readonly StoredMessage[]) => messages.filter(({ seq }) => seq !== 2 && seq !== 3);
    const { database } = await untilTheEnd({ log, step: noStep, deliver: holds, holds });
    const problems = await database.db.selectFrom('projection_problem').selectAll().execute();
    expect(problems).toMatchObject([{ seq: 2, reason: 'sequences 2 to 3 are not in the stream' }]);
  });

  it('stops when what it had not read was removed from the front while it read', async () => {
    const log = new SampleLog();
    for (let n = 0; n < 5; n += 1) log.accepted(n);
    let firstSeq = 1;
    const left = (messages: readonly StoredMessage[]) => messages.filter(({ seq }) => seq === 1 || seq > 3);
    const purge = (messages: readonly StoredMessage[]) => {
      firstSeq = 4;
      return left(messages);
    };
    const { ports, store, reports } = await projection({ log, step: noStep, deliver: purge, holds: left, firstSeq: () => firstSeq });
    await expect(followLog(ports, never, LIMITS)).rejects.toThrow('expected sequence 2, got 4: reading again');
    await followLog(ports, never, LIMITS);
    expect((await store.checkpoint(log.stream)).seq).toBe(1);
    expect(reports.at(-1)).toMatchObject({
      ok: false,
      detail: expect.stringContaining('sequences 2 to 3 were removed before they were read'),
    });
  });

  it('reports what it waits for, and that it runs again', async () => {
    const log = new SampleLog();
    log.accepted(1);
    let failures = 2;
    const step = (name: string): void => {
      if (name === 'begin' && failures > 0) {
        failures -= 1;
        throw new Error('the database is away');
      }
    };
    const { reports } = await untilTheEnd({ log, step, deliver: straight });
    expect(reports.filter(({ ok }) => !ok)).toEqual([
      { ok: false, detail: 'waiting: the database is away' },
      { ok: false, detail: 'waiting: the database is away' },
    ]);
    expect(reports.at(-1)).toEqual({ ok: true, seq: 1 });
  });
});

function fail(): never {
  throw new Error('killed');
}
