import {
  ACCEPTED_TYPES,
  type AcceptedType,
  HEADERS,
  parseFactSubject,
  recordedContext,
  streamNames,
  subjects,
  WaybillError,
} from '@waybill/contracts';
import { NO_TRACING, preciseNow, type Tracing } from '@waybill/runtime';
import { type Bus, scanStream } from '@waybill/transport';
import type { AcceptedEvent } from '../application/append-plans.ts';
import type { EventLog, Found, FoundEvent, Stretch } from '../application/event-log.ts';
import type { Traced } from '../application/planning-watch.ts';
import { finderFor, type StreamMessage } from './find-event.ts';

export interface StreamEventsOptions {
  readonly bus: Bus;
  /** The region whose events are looked for. */
  readonly of: string;
  readonly stream: string;
  /** Of accepted events, plans and refusals; they must not overlap. */
  readonly subjects: readonly string[];
  /** Records the handling of what is read; absent: nobody does. */
  readonly tracing?: Tracing | undefined;
}

/** A region's NATS, and what records how its events are handled. */
type Reached = Pick<StreamEventsOptions, 'bus' | 'tracing'>;

/** What arrived in `self` of another region's events, and of what any region planned of them. */
export const peerEvents = ({ bus, tracing }: Reached, self: string, of: string): StreamEvents =>
  new StreamEvents({
    bus,
    tracing,
    of,
    stream: streamNames(self).peers,
    subjects: [...ACCEPTED_TYPES.map((type) => subjects.fact(of, 'g', type)), ...PEER_PLANS],
  });

/** The finished runs of another region that arrived in `self`, and what was set aside; not what was planned of them. */
export const peerRuns = (bus: Bus, self: string, of: string): StreamEvents =>
  new StreamEvents({
    bus,
    of,
    stream: streamNames(self).peers,
    subjects: [subjects.fact(of, 'g', 'run.completed'), subjects.peerFacts('event.refused')],
  });

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

/** The strict tenants' events of `self`, of one type. */
export const localEvents = ({ bus, tracing }: Reached, self: string, type: AcceptedType): StreamEvents =>
  new StreamEvents({ bus, tracing, of: self, stream: streamNames(self).log, subjects: [subjects.fact(self, 'l', type)] });

const PEER_PLANS = [subjects.peerFacts('plan.made'), subjects.peerFacts('event.refused')];

/** The events of one region as one stream shows them. */
export class StreamEvents implements EventLog {
  readonly #options: StreamEventsOptions;
  readonly #find: (message: StreamMessage) => Found | undefined;

  constructor(options: StreamEventsOptions) {
    this.#options = options;
    this.#find = finderFor(options.of);
  }

  async scan({ fromSeq, fromMs, toSeq }: Stretch, visit: (found: Found) => void): Promise<number | undefined> {
    const { bus, stream, subjects: filters } = this.#options;
    const from = fromSeq === undefined ? { fromTimeMs: Math.max(0, fromMs ?? 0) } : { fromSeq };
    let first: number | undefined;
    await scanStream(bus, { stream, subjects: filters, ...from, ...(toSeq === undefined ? {} : { toSeq }) }, (message) => {
      first ??= message.seq;
      const found = this.#find(message);
      if (found !== undefined) visit(found);
    });
    return first;
  }

  /** Asks any replica first; one may lag, so only the leader's word counts for "not there". */
  async read({ place, seq, type }: FoundEvent): Promise<AcceptedEvent | undefined> {
    const { bus, stream, of } = this.#options;
    const { direct, streams } = bus.jsm;
    const message = await asked(
      async () => (await direct.getMessage(stream, { seq: place })) ?? streams.getMessage(stream, { seq: place }),
    );
    if (message === null) return undefined;
    const scope = parseFactSubject(message.subject)?.scope ?? 'g';
    const header = (name: string): string => message.header.get(name);
    return { region: of, seq, scope, type, isFirstTry: false, body: message.data, header, ...this.#placeOf(type, header) };
  }

  #placeOf(type: AcceptedType, header: AcceptedEvent['header']): Traced {
    const { tracing = NO_TRACING } = this.#options;
    const writer = tracing.isOn ? recordedContext(header(HEADERS.traceparent)) : undefined;
    return writer === undefined ? {} : { trace: tracing.childOf(writer), found: { type, writer, startMs: preciseNow() } };
  }

  async extent(): Promise<{ lastSeq: number; firstMs: number }> {
    const { state } = await asked(() => this.#options.bus.jsm.streams.info(this.#options.stream));
    return { lastSeq: state.last_seq, firstMs: Date.parse(state.first_ts) };
  }

  async newestMs(): Promise<number | undefined> {
    const { bus, stream, of } = this.#options;
    const newestOf = (type: AcceptedType) => bus.jsm.direct.getMessage(stream, { last_by_subj: subjects.fact(of, 'g', type) });
    const newest = await asked(() => Promise.all(ACCEPTED_TYPES.map(newestOf)));
    const times = newest.flatMap((message) => message?.time.getTime() ?? []);
    return times.length === 0 ? undefined : Math.max(...times);
  }
}

async function asked<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    throw new WaybillError('WB_NATS_AWAY', `a stream cannot be read: ${String(cause)}`, { cause });
  }
}
