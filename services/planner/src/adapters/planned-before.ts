import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AcceptedType,
  CONSUMERS,
  type PlanHead,
  type RegionRecord,
  RUN_COMPLETED_TYPE,
  streamNames,
  subjects,
} from '@waybill/contracts';
import type { Bus } from '@waybill/transport';
import type { EventLog, Found } from '../application/event-log.ts';
import type { PlannedBefore } from '../application/plan-event.ts';
import { PlannedEvents } from '../application/planned-events.ts';
import { mayHaveBeenPlannedElsewhere } from '../domain/own-turn.ts';
import { plannedByPeers, plannedHere } from './stream-events.ts';

/** Accepted events that may still be unacked: the consumer's max_ack_pending, with room for acks that a lost connection swallowed. */
const REMEMBERED = 20_000;
const DURABLES: Readonly<Record<AcceptedType, string>> = { 'event.accepted': CONSUMERS.planner, 'run.completed': CONSUMERS.plannerRuns };
/** A plan of an event cannot come back before the event was stored; two servers of the region may stamp them. */
const CLOCK_MARGIN_MS = 60_000;
const AGAIN_MS = 1_000;

export interface PlannedInLogOptions {
  readonly bus: Bus;
  readonly region: string;
  /** The own region's record, where there are other regions that may have planned its events. */
  readonly record?: (() => RegionRecord | undefined) | undefined;
  /** Learns which events must be planned before others of their ordering key, when it is known what was planned. */
  readonly expectKeys: (planned: PlannedEvents) => Promise<void>;
  /** Learns what was decided of finished runs until now. */
  readonly catchUp: () => Promise<void>;
  /** Told each failure of what is tried again by itself. */
  readonly onFailure: (error: unknown) => void;
}

/** The first event of a type that may be handed out again; without any, nothing need be known. */
interface Unsettled {
  /** Behind the ack floor. */
  readonly fromSeq: number;
  readonly first: { readonly seq: number; readonly storedMs: number } | undefined;
}

/** Where a load began to read. */
interface Begun {
  readonly here?: number | undefined;
  readonly peers?: number | undefined;
}

/**
 * THE RESTART RULE for plans: what was written of events from the consumer's ack floor on is read at start, after each lost connection, and when the
 * region's turn comes again, so that an event whose ack was lost, or which another region planned meanwhile, is not planned twice, however long
 * ago. (The Msg-Id window covers a minute only.) Finished runs may wait for GitHub for hours: what was planned since then is read behind, and only runs
 * wait for that.
 */
export class PlannedInLog implements PlannedBefore {
  readonly events = new PlannedEvents(REMEMBERED);
  readonly #options: PlannedInLogOptions;
  readonly #here: EventLog;
  loaded: Promise<void> = Promise.resolve();
  runsLoaded: Promise<void> = Promise.resolve();
  #loads = 0;
  #firstUnsettled: Record<AcceptedType, number> = { 'event.accepted': 1, 'run.completed': 1 };
  #isClosed = false;

  constructor(options: PlannedInLogOptions) {
    this.#options = options;
    this.#here = plannedHere(options.bus, options.region, options.region);
  }

  /** Sequence from which on events of a type may be handed out again, as of the last load. */
  firstUnsettled(type: AcceptedType): number {
    return this.#firstUnsettled[type];
  }

  /** Reads what was written since the ack floor; handlers wait for it. Rejects when it cannot be read, and must then be called again. */
  load(): Promise<void> {
    const begun = this.#readEvents();
    this.loaded = begun.then(() => undefined);
    // Whoever called knows; a handler that waits later is told again.
    this.loaded.catch(() => undefined);
    this.#loadRuns(begun);
    return this.loaded;
  }

  /** Loads again and again until it succeeds; handlers wait so long. */
  reload(): Promise<void> {
    const begun = this.#atLast(() => this.#readEvents());
    this.loaded = begun.then(() => undefined);
    this.#loadRuns(begun);
    return this.loaded;
  }

  /** Ends a reload that does not succeed. */
  close(): void {
    this.#isClosed = true;
  }

  #loadRuns(begun: Promise<Begun | undefined>): void {
    const load = (this.#loads += 1);
    const isNewest = (): boolean => load === this.#loads;
    this.runsLoaded = begun
      .then((at) => this.#atLast(() => this.#readRuns(at ?? {}), isNewest))
      // A load that was overtaken leaves it to the later one.
      .then(() => (isNewest() ? undefined : this.runsLoaded));
    this.runsLoaded.catch(() => undefined);
  }

  async #atLast<T>(read: () => Promise<T>, isNewest = (): boolean => true): Promise<T | undefined> {
    while (!this.#isClosed && isNewest()) {
      try {
        return await read();
      } catch (error) {
        this.#options.onFailure(error);
        await sleep(AGAIN_MS);
      }
    }
    return undefined;
  }

  async #readEvents(): Promise<Begun> {
    const unsettled = await this.#unsettled('event.accepted');
    this.#firstUnsettled['event.accepted'] = unsettled.fromSeq;
    const begun = await this.#readSince(unsettled, {}, () => true);
    await this.#options.expectKeys(this.events);
    return begun;
  }

  /** What lies between the oldest run that may be handed out again and the events that were read already, as far as it is about runs. */
  async #readRuns(until: Begun): Promise<void> {
    const unsettled = await this.#unsettled('run.completed');
    this.#firstUnsettled['run.completed'] = unsettled.fromSeq;
    await this.#readSince(unsettled, until, (found) => found.kind === 'refused' || isOfRun(found));
    await this.#options.catchUp();
  }

  /** Plans of events below the ack floor were acked and cannot come again. */
  async #readSince({ first }: Unsettled, until: Begun, isWanted: (found: Found) => boolean): Promise<Begun> {
    if (first === undefined) return {};
    const found: (PlanHead | number)[] = [];
    const note = (one: Found): void => {
      if (isWanted(one)) found.push(one.kind === 'planned' && one.head.parts !== undefined ? one.head : one.seq);
    };
    const here = await this.#here.scan({ fromSeq: first.seq, toSeq: before(until.here) }, note);
    const peers = await this.#readPeers(first.storedMs, before(until.peers), note);
    this.events.recover(found);
    return { here, peers };
  }

  async #readPeers(storedMs: number, toSeq: number | undefined, note: (found: Found) => void): Promise<number | undefined> {
    const { bus, region, record } = this.#options;
    if (record === undefined || !mayHaveBeenPlannedElsewhere(record(), storedMs)) return undefined;
    return plannedByPeers(bus, region).scan({ fromMs: storedMs - CLOCK_MARGIN_MS, toSeq }, note);
  }

  /** Where none is left the floor may be old, and nothing need be read. */
  async #unsettled(type: AcceptedType): Promise<Unsettled> {
    const { bus, region } = this.#options;
    const { log } = streamNames(region);
    const { ack_floor, num_pending, num_ack_pending } = await bus.jsm.consumers.info(log, DURABLES[type]);
    const fromSeq = ack_floor.stream_seq + 1;
    if (num_pending + num_ack_pending === 0) return { fromSeq, first: undefined };
    const next = await bus.jsm.direct.getMessage(log, { seq: fromSeq, next_by_subj: subjects.factFilter(region, type) });
    // A replica that lags does not know it yet: then all is read.
    return { fromSeq, first: { seq: next?.seq ?? fromSeq, storedMs: next?.time.getTime() ?? 0 } };
  }
}

const before = (place: number | undefined): number | undefined => (place === undefined ? undefined : place - 1);

const isOfRun = (found: Found): boolean => found.kind === 'planned' && found.head.event.eventType === RUN_COMPLETED_TYPE;
