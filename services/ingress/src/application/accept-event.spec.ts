import {
  type EndpointId,
  type EventId,
  HEADERS,
  isWaybillError,
  recordedContext,
  type SourceId,
  splitRawData,
  type TenantId,
  traceparentOf,
} from '@waybill/contracts';
import { beforeEach, describe, expect, it, type Mock, vi } from 'vitest';
import { type AcceptEvent, acceptEvent, type AcceptEventPorts, type NewEvent, type PublishFact } from './accept-event.ts';
import type { KeyedEvents, KeyEntry, StoredEvent } from './keyed-events.ts';
import type { Brought, EventPlace, EventTraces } from './visit.ts';

const WINDOW_MS = 120_000;
const TTL_MS = 86_400_000;

interface StoredMessage {
  readonly subject: string;
  readonly msgId: string;
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly atMs: number;
}

/** A stream with a Msg-Id window, as JetStream behaves. */
class FakeStream {
  readonly messages: StoredMessage[] = [];
  nowMs = 1_800_000_000_000;

  publish: PublishFact = async ({ subject, msgId, body, headers }) => {
    const earlier = this.messages.findLastIndex((message) => message.msgId === msgId && this.nowMs - message.atMs < WINDOW_MS);
    if (earlier >= 0) return { seq: earlier + 1, duplicate: true };
    this.messages.push({ subject, msgId, body, headers, atMs: this.nowMs });
    return { seq: this.messages.length, duplicate: false };
  };

  stored(seq: number): StoredEvent | undefined {
    const message = this.messages[seq - 1];
    const eventId = String(this.envelope(seq - 1).head['eventId']) as EventId;
    const { [HEADERS.idempotency]: key = '', [HEADERS.bodyHash]: bodyHash = '' } = message?.headers ?? {};
    return message && { eventId, key, bodyHash, atMs: message.atMs, trace: recordedContext(message.headers[HEADERS.traceparent] ?? '') };
  }

  envelope(index: number): { head: Record<string, unknown>; data: string } {
    const { head, data } = splitRawData(this.messages[index]?.body ?? Buffer.alloc(0));
    return { head: head as Record<string, unknown>, data: data.toString() };
  }
}

let stream: FakeStream;
let others: KeyedEvents | undefined;
let index: Map<string, KeyEntry>;
let traces: EventTraces | undefined;
let keepBody: Mock<AcceptEventPorts['keepBody']>;
let ids: number;

/** A process of its own: with the index it is given, on the same stream. */
function newProcess(keys: Map<string, KeyEntry>, keyTtlMs = TTL_MS): AcceptEvent {
  return acceptEvent(
    {
      publish: stream.publish,
      own: { readStored: async (seq) => stream.stored(seq), findKey: (key) => keys.get(key) },
      others,
      rememberKey: (entry) => void keys.set(entry.key, entry),
      scopeOf: (tenantId) => (tenantId === 'strict' ? 'l' : 'g'),
      registryRevision: (scope) => (scope === 'l' ? 9 : 7),
      registrySeen: () => 11,
      nowMs: () => stream.nowMs,
      newId: () => `evt_${(ids += 1)}` as EventId,
      keepBody,
      traces,
    },
    { region: 'eu', schema: { version: 3, minCompatible: 2 }, keyTtlMs, inlineBytes: 20 },
  );
}

const event = (more: Partial<NewEvent> = {}): NewEvent => ({
  tenantId: 'acme' as TenantId,
  source: 'api' as SourceId,
  eventType: 'order.paid',
  data: Buffer.from('{"total": 1.0}'),
  ...more,
});
const keyed = (bodyHash = 'b1'): NewEvent => event({ key: { hash: 'k1', bodyHash } });
const codeOf = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'accepted',
    (error: unknown) => (isWaybillError(error) ? error.code : String(error)),
  );

beforeEach(() => {
  stream = new FakeStream();
  others = undefined;
  traces = undefined;
  index = new Map();
  ids = 0;
  keepBody = vi.fn<AcceptEventPorts['keepBody']>(async ({ length }) => ({ sha256: 'a'.repeat(64), bytes: length, region: 'eu' }));
});

describe('a payload that is too large to travel with its event', () => {
  const large = { data: Buffer.from(JSON.stringify({ text: 'x'.repeat(20) })) };
  const bodyRef = { sha256: 'a'.repeat(64), bytes: large.data.length, region: 'eu' };

  it('is stored in the scope of its event, which names it in its place', async () => {
    await newProcess(index)(event(large));
    expect(stream.envelope(0)).toMatchObject({ head: { bodyRef }, data: 'null' });
    expect(keepBody).toHaveBeenCalledWith(large.data, 'g');
    await newProcess(index)(event({ ...large, tenantId: 'strict' as TenantId }));
    expect(keepBody).toHaveBeenLastCalledWith(large.data, 'l');
  });

  it('is safe before its event is stored', async () => {
    keepBody.mockImplementation(async () => {
      expect(stream.messages).toHaveLength(0);
      throw new Error('the store is away');
    });
    await expect(newProcess(index)(event(large))).rejects.toThrow('the store is away');
    expect(stream.messages).toHaveLength(0);
  });

  it('is not stored again for a repeat', async () => {
    const accept = newProcess(index);
    const { id } = await accept({ ...keyed(), ...large });
    expect(await accept({ ...keyed(), ...large })).toEqual({ id, duplicate: true });
    expect(keepBody).toHaveBeenCalledTimes(1);
  });

  it('of just the size that is allowed travels with its event', async () => {
    await newProcess(index)(event({ data: Buffer.from('"123456789012345678"') }));
    expect(keepBody).not.toHaveBeenCalled();
  });
});

describe('what is stored', () => {
  it('is envelope 3 with the raw payload last, under the event id', async () => {
    expect(await newProcess(index)(event())).toEqual({ id: 'evt_1', duplicate: false });
    expect(stream.messages[0]).toMatchObject({ msgId: 'evt_1', headers: { [HEADERS.registryRevision]: '7' } });
    expect(stream.envelope(0)).toEqual({
      data: '{"total": 1.0}',
      head: {
        version: 3,
        minCompatible: 2,
        eventId: 'evt_1',
        eventType: 'order.paid',
        timestamp: new Date(stream.nowMs).toISOString(),
        region: 'eu',
        tenantId: 'acme',
        source: 'api',
        correlationId: 'evt_1',
      },
    });
  });

  it('goes no further than its tenant may, and names the registry as far as its readers can see it', async () => {
    await newProcess(index)(event());
    await newProcess(index)(event({ tenantId: 'strict' as TenantId }));
    expect(stream.messages.map(({ subject, headers }) => [subject, headers[HEADERS.registryRevision]])).toEqual([
      ['wb.eu.g.event.accepted', '7'],
      ['wb.eu.l.event.accepted', '9'],
    ]);
  });

  it('keeps what the sender declared', async () => {
    const declared = { version: 2, minCompatible: 1, timestamp: '2026-01-01T00:00:00+02:00', correlationId: 'c', orderingKey: 'o' };
    await newProcess(index)(event(declared));
    expect(stream.envelope(0).head).toMatchObject(declared);
  });

  it('says for whom alone it is, when it is for one endpoint', async () => {
    await newProcess(index)(event({ onlyTo: 'ep_1' as EndpointId }));
    await newProcess(index)(event());
    expect(stream.envelope(0).head).toMatchObject({ onlyTo: 'ep_1' });
    expect(stream.envelope(1).head).not.toHaveProperty('onlyTo');
  });

  it('carries key and body hash as headers, and the key as Msg-Id', async () => {
    await newProcess(index)(keyed());
    expect(stream.messages[0]).toMatchObject({ msgId: 'k1', headers: { [HEADERS.idempotency]: 'k1', [HEADERS.bodyHash]: 'b1' } });
  });
});

describe('the same key again', () => {
  it('answers with the same id', async () => {
    const accept = newProcess(index);
    await accept(keyed());
    expect(await accept(keyed())).toEqual({ id: 'evt_1', duplicate: true });
    expect(stream.messages).toHaveLength(1);
  });

  it('answers with the same id from a process that knows nothing', async () => {
    await newProcess(index)(keyed());
    expect(await newProcess(new Map())(keyed())).toEqual({ id: 'evt_1', duplicate: true });
    expect(stream.messages).toHaveLength(1);
  });

  it('is known by the index when the stream has forgotten it', async () => {
    const accept = newProcess(index);
    await accept(keyed());
    stream.nowMs += WINDOW_MS + 1;
    expect(await accept(keyed())).toEqual({ id: 'evt_1', duplicate: true });
    expect(stream.messages).toHaveLength(1);
  });

  it('stores one event of twenty at once', async () => {
    const accept = newProcess(index);
    const answers = await Promise.all(Array.from({ length: 20 }, () => accept(keyed())));
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect(answers.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    expect(stream.messages).toHaveLength(1);
  });

  it.each([0, WINDOW_MS + 1])('refuses another body, %i ms later', async (laterMs) => {
    const accept = newProcess(index);
    await accept(keyed('b1'));
    stream.nowMs += laterMs;
    expect(await codeOf(accept(keyed('b2')))).toBe('WB_IDEMPOTENCY_MISMATCH');
    expect(stream.messages).toHaveLength(1);
  });

  it('refuses another body in a process that knows nothing', async () => {
    await newProcess(index)(keyed('b1'));
    expect(await codeOf(newProcess(new Map())(keyed('b2')))).toBe('WB_IDEMPOTENCY_MISMATCH');
  });
});

describe('a key that another region took first', () => {
  const theirs = (more: Partial<StoredEvent> = {}): StoredEvent => ({
    eventId: 'evt_theirs' as EventId,
    key: 'k1',
    bodyHash: 'b1',
    atMs: stream.nowMs,
    ...more,
  });
  const copied = (stored: StoredEvent | undefined): KeyedEvents => ({
    findKey: (key) => (key === 'k1' ? { key, seq: 5, bodyHash: 'b1', atMs: stream.nowMs } : undefined),
    readStored: async (seq) => (seq === 5 ? stored : undefined),
  });

  it('answers with the id of the event there, and stores nothing', async () => {
    others = copied(theirs());
    expect(await newProcess(index)(keyed())).toEqual({ id: 'evt_theirs', duplicate: true });
    expect(await codeOf(newProcess(index)(keyed('b2')))).toBe('WB_IDEMPOTENCY_MISMATCH');
    expect(stream.messages).toHaveLength(0);
  });

  it.each<[string, (() => Partial<StoredEvent>) | undefined]>([
    ['the copy is gone', undefined],
    ['another event lies there now', () => ({ key: 'k2' })],
    ['it was taken longer ago than the time to live, though copied just now', () => ({ atMs: stream.nowMs - TTL_MS })],
  ])('is free when %s', async (_name, more) => {
    others = copied(more && theirs(more()));
    expect(await newProcess(index)(keyed())).toEqual({ id: 'evt_1', duplicate: false });
  });

  it('counts for less than the event that was accepted here', async () => {
    await newProcess(index)(keyed());
    others = copied(theirs());
    expect(await newProcess(index)(keyed())).toEqual({ id: 'evt_1', duplicate: true });
  });
});

describe('after the time to live', () => {
  it('the key is free again', async () => {
    const accept = newProcess(index);
    await accept(keyed());
    stream.nowMs += TTL_MS;
    expect(await accept(keyed('b2'))).toEqual({ id: 'evt_2', duplicate: false });
  });

  it.each([1_000, 30_000, 119_000])('of %i ms, shorter than the window, the key is free again and again', async (ttlMs) => {
    const accept = newProcess(index, ttlMs);
    for (let round = 1; round <= 130; round += 1) {
      expect(await accept(keyed(`b${round}`))).toMatchObject({ duplicate: false });
      expect(await accept(keyed(`b${round}`))).toMatchObject({ duplicate: true });
      stream.nowMs += ttlMs;
    }
    expect(stream.messages).toHaveLength(130);
  });

  it('two processes agree on what comes next', async () => {
    const one = newProcess(index, 1_000);
    const other = newProcess(new Map(), 1_000);
    await one(keyed());
    stream.nowMs += 1_000;
    const answers = await Promise.all([one(keyed()), other(keyed()), one(keyed()), other(keyed())]);
    expect(answers.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect(stream.messages).toHaveLength(2);
  });
});

it('tells what the stream says, and remembers nothing', async () => {
  stream.publish = async () => {
    throw new Error('no room');
  };
  expect(await codeOf(newProcess(index)(keyed()))).toBe('Error: no room');
  expect(index.size).toBe(0);
});

describe('the trace of an event', () => {
  const place = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };
  const below = { traceId: place.traceId, spanId: 'c'.repeat(16) };

  it('goes on with what is stored, and what its request brought is told', async () => {
    traces = { first: () => ({ context: place }), repeat: (_id, stored) => ({ context: below, parent: stored }) };
    const told: Brought[] = [];
    const visit = { begin: () => undefined, tell: (brought: Brought) => void told.push(brought) };
    const accept = newProcess(index);
    for (let n = 0; n < 2; n += 1) await accept({ ...keyed(), correlationId: 'c-1', visit });
    await accept(event({ visit }));
    expect(stream.messages.map(({ headers }) => headers[HEADERS.traceparent])).toEqual([traceparentOf(place), traceparentOf(place)]);
    const about = { tenantId: 'acme', source: 'api', eventType: 'order.paid', bytes: 14 };
    expect(told).toEqual([
      { eventId: 'evt_1', duplicate: false, correlationId: 'c-1', place: { context: place }, ...about },
      { eventId: 'evt_1', duplicate: true, correlationId: 'c-1', place: { context: below, parent: place }, ...about },
      { eventId: 'evt_2', duplicate: false, correlationId: 'evt_2', place: { context: place }, ...about },
    ]);
  });

  it('is not spoken of where it is not recorded', async () => {
    expect(await newProcess(index)(keyed())).toEqual({ id: 'evt_1', duplicate: false });
    expect(Object.keys(stream.messages[0]?.headers ?? {})).not.toContain(HEADERS.traceparent);
  });

  it.each([{}, keyed()])('begins with its request, though nobody learns whether it was stored, and tells nothing then', async (given) => {
    traces = { first: () => ({ context: place }), repeat: () => ({ context: below }) };
    const visit = { begin: vi.fn<(at: EventPlace) => void>(), tell: vi.fn<(brought: Brought) => void>() };
    stream.publish = () => Promise.reject(new Error('no ack'));
    await codeOf(newProcess(index)(event({ ...given, visit })));
    expect(visit.begin.mock.calls).toEqual([[{ context: place }]]);
    expect(visit.tell).not.toHaveBeenCalled();
  });
});
