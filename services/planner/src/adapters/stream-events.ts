import {
  eventRefusedSchema,
  parseFactSubject,
  planHeadSchema,
  splitRawData,
  streamNames,
  subjects,
  WaybillError,
} from '@waybill/contracts';
import { type Bus, type Incoming, scanStream } from '@waybill/transport';
import type { AcceptedEvent } from '../application/append-plans.ts';
import type { EventLog, Found, FoundEvent, Stretch } from '../application/event-log.ts';

export interface StreamEventsOptions {
  readonly bus: Bus;
  /** The region whose events are looked for. */
  readonly of: string;
  readonly stream: string;
  /** Of accepted events, plans and refusals; they must not overlap. */
  readonly subjects: readonly string[];
}

/** What arrived in `self` of another region's events, and of what any region planned of them. */
export const peerEvents = (bus: Bus, self: string, of: string): StreamEvents =>
  new StreamEvents({ bus, of, stream: streamNames(self).peers, subjects: [subjects.fact(of, 'g', 'event.accepted'), ...PEER_PLANS] });

/** What other regions planned of the events of `self`. */
export const plannedByPeers = (bus: Bus, self: string): StreamEvents =>
  new StreamEvents({ bus, of: self, stream: streamNames(self).peers, subjects: PEER_PLANS });

/** What `self` planned of the events of a region, which may be its own. */
export const plannedHere = (bus: Bus, self: string, of: string): StreamEvents =>
  new StreamEvents({
    bus,
    of,
    stream: streamNames(self).log,
    subjects: [subjects.factFilter(self, 'plan.made'), subjects.factFilter(self, 'event.refused')],
  });

/** The strict tenants' events of `self`. */
export const localEvents = (bus: Bus, self: string): StreamEvents =>
  new StreamEvents({ bus, of: self, stream: streamNames(self).log, subjects: [subjects.fact(self, 'l', 'event.accepted')] });

const PEER_PLANS = [subjects.peerFacts('plan.made'), subjects.peerFacts('event.refused')];

/** The events of one region as one stream shows them. */
export class StreamEvents implements EventLog {
  readonly #options: StreamEventsOptions;
  /** Occurs in every plan and refusal of the region's events: most others are told by it without being parsed. */
  readonly #mark: Buffer;

  constructor(options: StreamEventsOptions) {
    this.#options = options;
    this.#mark = Buffer.from(`"region":${JSON.stringify(options.of)}`);
  }

  async scan({ fromSeq, fromMs, toSeq }: Stretch, visit: (found: Found) => void): Promise<number | undefined> {
    const { bus, stream, subjects: filters } = this.#options;
    const from = fromSeq === undefined ? { fromTimeMs: Math.max(0, fromMs ?? 0) } : { fromSeq };
    let first: number | undefined;
    await scanStream(bus, { stream, subjects: filters, ...from, ...(toSeq === undefined ? {} : { toSeq }) }, (message) => {
      first ??= message.seq;
      const found = this.#read(message);
      if (found !== undefined) visit(found);
    });
    return first;
  }

  /** Asks any replica first; one may lag, so only the leader's word counts for "not there". */
  async read({ place, seq }: FoundEvent): Promise<AcceptedEvent | undefined> {
    const { bus, stream, of } = this.#options;
    const { direct, streams } = bus.jsm;
    const message = await asked(
      async () => (await direct.getMessage(stream, { seq: place })) ?? streams.getMessage(stream, { seq: place }),
    );
    if (message === null) return undefined;
    const scope = parseFactSubject(message.subject)?.scope ?? 'g';
    return { region: of, seq, scope, body: message.data, header: (name) => message.header.get(name) };
  }

  async extent(): Promise<{ lastSeq: number; firstMs: number }> {
    const { state } = await asked(() => this.#options.bus.jsm.streams.info(this.#options.stream));
    return { lastSeq: state.last_seq, firstMs: Date.parse(state.first_ts) };
  }

  async newestMs(): Promise<number | undefined> {
    const { bus, stream, of } = this.#options;
    const newest = await asked(() => bus.jsm.direct.getMessage(stream, { last_by_subj: subjects.fact(of, 'g', 'event.accepted') }));
    return newest?.time.getTime();
  }

  #read(message: Incoming): Found | undefined {
    const { of } = this.#options;
    const place = message.seq;
    const subject = parseFactSubject(message.subject);
    if (subject?.type === 'event.accepted') {
      return { kind: 'accepted', place, seq: message.origin?.seq ?? place, storedMs: message.timestampMs };
    }
    const body = Buffer.from(message.body.buffer, message.body.byteOffset, message.body.byteLength);
    if (!body.includes(this.#mark)) return undefined;
    if (subject?.type === 'plan.made') {
      const head = planHeadSchema.parse(splitRawData(body).head);
      return head.event.region === of ? { kind: 'planned', place, seq: head.acceptedSeq, head } : undefined;
    }
    const { region, seq } = eventRefusedSchema.parse(JSON.parse(body.toString('utf8')));
    return region === of ? { kind: 'refused', place, seq } : undefined;
  }
}

async function asked<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    throw new WaybillError('WB_NATS_AWAY', `a stream cannot be read: ${String(cause)}`, { cause });
  }
}
