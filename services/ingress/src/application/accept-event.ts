import {
  type AcceptedType,
  type BodyRef,
  type EndpointId,
  type EnvelopeHead,
  type EventId,
  type EventSchema,
  HEADERS,
  joinRawData,
  type Scope,
  type SourceId,
  subjects,
  type TenantId,
  traceparentOf,
  WaybillError,
} from '@waybill/contracts';
import type { KeyedEvents, KeyEntry, StoredEvent } from './keyed-events.ts';
import { type EventPlace, type EventTraces, NO_EVENT_TRACES, type Visit } from './visit.ts';

/** What makes a repeat recognisable: hash of the sender's key, and hash of the whole body that came with it. */
export interface Key {
  readonly hash: string;
  readonly bodyHash: string;
  /** The key alone tells a repeat: another body under it is the same event all the same. */
  readonly anyBody?: boolean | undefined;
}

/** An event that may be accepted. `data` is raw JSON and is stored byte by byte. */
export interface NewEvent {
  readonly tenantId: TenantId;
  readonly source: SourceId;
  readonly eventType: string;
  /** As which fact it is stored; absent: `event.accepted`. */
  readonly factType?: AcceptedType | undefined;
  readonly data: Uint8Array;
  readonly key?: Key | undefined;
  readonly timestamp?: string | undefined;
  readonly orderingKey?: string | undefined;
  /** Only this endpoint gets it. */
  readonly onlyTo?: EndpointId | undefined;
  readonly correlationId?: string | undefined;
  readonly version?: number | undefined;
  readonly minCompatible?: number | undefined;
  /** The request that brings it. */
  readonly visit?: Visit | undefined;
}

/** `duplicate`: the event was accepted before under the same key, and `id` is that one's. */
export interface Accepted {
  readonly id: EventId;
  readonly duplicate: boolean;
}

/** Stores one message and resolves with the stream's ack; with a Msg-Id known to the stream, with the first message's sequence. */
export type PublishFact = (message: {
  readonly subject: string;
  readonly body: Uint8Array;
  readonly msgId: string;
  readonly headers: Readonly<Record<string, string>>;
}) => Promise<{ readonly seq: number; readonly duplicate: boolean }>;

export interface AcceptEventPorts {
  readonly publish: PublishFact;
  /** What this region accepted: its LOG. */
  readonly own: KeyedEvents;
  /** What the other regions accepted, as far as copies of it have arrived; undefined when there are none. */
  readonly others?: KeyedEvents | undefined;
  readonly rememberKey: (entry: KeyEntry) => void;
  /** Stores a payload that is too large to travel with its event; resolves when it is safe. Throws WB_NATS_AWAY, WB_LOG_FULL. */
  readonly keepBody: (data: Uint8Array, scope: Scope) => Promise<BodyRef>;
  /** How far an event of the tenant may go. Throws WB_MISDIRECTED. */
  readonly scopeOf: (tenantId: TenantId) => Scope;
  /** Of the entries that a reader of that scope can see. */
  readonly registryRevision: (scope: Scope) => number;
  /** How far the registry was read here, copies of other regions' entries included. */
  readonly registrySeen: () => number;
  readonly nowMs: () => number;
  readonly newId: (nowMs: number) => EventId;
  /** Absent: none is recorded. */
  readonly traces?: EventTraces | undefined;
}

export interface AcceptEventSettings {
  readonly region: string;
  readonly schema: EventSchema;
  /** How long a key is remembered, in ms. */
  readonly keyTtlMs: number;
  /** The largest payload that travels with its event, in bytes. */
  readonly inlineBytes: number;
}

/** Accepts one event: resolves only after the stream's ack. Throws WB_IDEMPOTENCY_MISMATCH, WB_MISDIRECTED, WB_NATS_AWAY, WB_LOG_FULL. */
export type AcceptEvent = (event: NewEvent) => Promise<Accepted>;

/** Each round finds an event one TTL older, so the stream's window of a minute holds at most 60 of them, TTLs being 1 s or more. */
const MAX_ROUNDS = 130;

/**
 * Builds the use case. Repeats are found in three places: the key index knows what was accepted here up to the TTL ago, the stream's Msg-Id window
 * what is being accepted right now, by this process or another, and the index of the other regions' events what was sent there first.
 */
export function acceptEvent(ports: AcceptEventPorts, settings: AcceptEventSettings): AcceptEvent {
  const acceptor = new Acceptor(ports, settings);
  return (event) => acceptor.accept(event);
}

/** What an event carries: its payload, or where that lies. */
interface Carried {
  readonly scope: Scope;
  readonly data: Uint8Array;
  readonly bodyRef?: BodyRef;
}

/** An event that is about to be stored. */
interface Begun {
  readonly id: EventId;
  readonly atMs: number;
  readonly place: EventPlace;
}

/** What became of an event, and where its request stands in the event's trace. */
interface Placed extends Accepted {
  readonly place: EventPlace;
}

const NO_DATA = Buffer.from('null');

class Acceptor {
  readonly #ports: AcceptEventPorts;
  readonly #settings: AcceptEventSettings;
  readonly #traces: EventTraces;

  constructor(ports: AcceptEventPorts, settings: AcceptEventSettings) {
    this.#ports = ports;
    this.#settings = settings;
    this.#traces = ports.traces ?? NO_EVENT_TRACES;
  }

  async accept(event: NewEvent): Promise<Accepted> {
    const { id, duplicate, place } = await this.#place(event);
    const { tenantId, source, eventType, correlationId = id, data, visit } = event;
    visit?.tell({ eventId: id, duplicate, tenantId, source, eventType, correlationId, bytes: data.length, place });
    return { id, duplicate };
  }

  async #place(event: NewEvent): Promise<Placed> {
    const { nowMs, newId, publish } = this.#ports;
    const repeated = event.key && (await this.#repeated(event, event.key, nowMs()));
    if (repeated !== undefined) return repeated;
    const scope = this.#ports.scopeOf(event.tenantId);
    const carried = event.data.length > this.#settings.inlineBytes ? await this.#keep(event, scope) : { scope, data: event.data };
    // Asked for now, because storing the payload may have taken its time: an id says when its event was accepted.
    const atMs = nowMs();
    if (event.key !== undefined) return this.#storeKeyed(event, event.key, carried, atMs);
    const id = newId(atMs);
    const place = this.#begin(event, id);
    await publish({ ...this.#messageOf(event, carried, { id, atMs, place }), msgId: id });
    return { id, duplicate: false, place };
  }

  #begin(event: NewEvent, id: EventId): EventPlace {
    const place = this.#traces.first(event, id, event.visit?.caller);
    event.visit?.begin(place);
    return place;
  }

  /** The payload first: whoever dies now leaves one that no event names, which ages out. */
  async #keep({ data }: NewEvent, scope: Scope): Promise<Carried> {
    return { scope, data: NO_DATA, bodyRef: await this.#ports.keepBody(data, scope) };
  }

  /** The event that had this key before, from an index; undefined when there was none, or it is no longer in its stream. */
  async #repeated(event: NewEvent, key: Key, nowMs: number): Promise<Placed | undefined> {
    const { own, others } = this.#ports;
    const earlier = (await this.#storedIn(own, key, nowMs)) ?? (others && (await this.#storedIn(others, key, nowMs)));
    return earlier && this.#repeatOf(earlier, event, key);
  }

  async #storedIn({ findKey, readStored }: KeyedEvents, key: Key, nowMs: number): Promise<StoredEvent | undefined> {
    const entry = findKey(key.hash);
    if (entry === undefined || !this.#isFresh(entry, nowMs)) return undefined;
    const stored = await readStored(entry.seq);
    // A stream that was made anew holds other events at the same sequences, or the same ones under a later time.
    return stored?.key === key.hash && this.#isFresh(stored, nowMs) ? stored : undefined;
  }

  async #storeKeyed(event: NewEvent, key: Key, carried: Carried, nowMs: number): Promise<Placed> {
    const { publish, rememberKey, own } = this.#ports;
    const id = this.#ports.newId(nowMs);
    const place = this.#begin(event, id);
    const message = this.#messageOf(event, carried, { id, atMs: nowMs, place });
    let msgId = key.hash;
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const { seq, duplicate } = await publish({ ...message, msgId });
      if (!duplicate) {
        rememberKey({ key: key.hash, seq, bodyHash: key.bodyHash, atMs: nowMs });
        return { id, duplicate: false, place };
      }
      const earlier = await own.readStored(seq);
      if (earlier !== undefined && this.#isFresh(earlier, nowMs)) {
        rememberKey({ key: key.hash, seq, bodyHash: earlier.bodyHash, atMs: earlier.atMs });
        return this.#repeatOf(earlier, event, key);
      }
      // The stream still knows an event whose key has expired: all who see that go on under the same next Msg-Id.
      msgId = `${key.hash}:${seq}`;
    }
    throw new WaybillError('WB_CONFLICT', 'the idempotency key is being used by too many requests at once');
  }

  #isFresh({ atMs }: { readonly atMs: number }, nowMs: number): boolean {
    return nowMs - atMs < this.#settings.keyTtlMs;
  }

  #messageOf(event: NewEvent, carried: Carried, { id, atMs, place }: Begun): Omit<Parameters<PublishFact>[0], 'msgId'> {
    const { scope, data, bodyRef } = carried;
    const head = headOf(event, id, atMs, this.#settings);
    const body = joinRawData(bodyRef === undefined ? head : { ...head, bodyRef }, data);
    const subject = subjects.fact(this.#settings.region, scope, event.factType ?? 'event.accepted');
    const trace = place.context === undefined ? {} : { [HEADERS.traceparent]: traceparentOf(place.context) };
    return { subject, body, headers: { ...headersOf(this.#ports, scope, event.key), ...trace } };
  }

  #repeatOf({ eventId: id, trace, bodyHash }: StoredEvent, { visit }: NewEvent, key: Key): Placed {
    if (key.anyBody === true || key.bodyHash === bodyHash)
      return { id, duplicate: true, place: this.#traces.repeat(id, trace, visit?.caller) };
    throw new WaybillError('WB_IDEMPOTENCY_MISMATCH', `the key belongs to event ${id}, which had another body`);
  }
}

function headOf(event: NewEvent, eventId: EventId, nowMs: number, { region, schema }: AcceptEventSettings): EnvelopeHead {
  return {
    version: event.version ?? schema.version,
    minCompatible: event.minCompatible ?? schema.minCompatible,
    eventId,
    eventType: event.eventType,
    timestamp: event.timestamp ?? new Date(nowMs).toISOString(),
    region,
    tenantId: event.tenantId,
    source: event.source,
    correlationId: event.correlationId ?? eventId,
    ...(event.orderingKey === undefined ? {} : { orderingKey: event.orderingKey }),
    ...(event.onlyTo === undefined ? {} : { onlyTo: event.onlyTo }),
  };
}

function headersOf({ registryRevision, registrySeen }: AcceptEventPorts, scope: Scope, key?: Key): Record<string, string> {
  const revision = { [HEADERS.registryRevision]: String(registryRevision(scope)), [HEADERS.registrySeen]: String(registrySeen()) };
  return key === undefined ? revision : { ...revision, [HEADERS.idempotency]: key.hash, [HEADERS.bodyHash]: key.bodyHash };
}
