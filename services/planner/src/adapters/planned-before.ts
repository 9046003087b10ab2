import { setTimeout as sleep } from 'node:timers/promises';
import { CONSUMERS, type PlanHead, type RegionRecord, streamNames, subjects } from '@waybill/contracts';
import type { Bus } from '@waybill/transport';
import type { EventLog, Found } from '../application/event-log.ts';
import type { PlannedBefore } from '../application/plan-event.ts';
import { PlannedEvents } from '../application/planned-events.ts';
import { mayHaveBeenPlannedElsewhere } from '../domain/own-turn.ts';
import { plannedByPeers, plannedHere } from './stream-events.ts';

/** Accepted events that may still be unacked: the consumer's max_ack_pending, with room for acks that a lost connection swallowed. */
const REMEMBERED = 20_000;
/** A plan of an event cannot come back before the event was stored; two servers of the region may stamp them. */
const CLOCK_MARGIN_MS = 60_000;
const AGAIN_MS = 1_000;

export interface PlannedInLogOptions {
  readonly bus: Bus;
  readonly region: string;
  /** The own region's record, where there are other regions that may have planned its events. */
  readonly record?: (() => RegionRecord | undefined) | undefined;
}

/**
 * THE RESTART RULE for plans: what was written of events from the consumer's ack floor on is read at start, after each lost connection, and when the
 * region's turn comes again, so that an event whose ack was lost, or which another region planned meanwhile, is not planned twice, however long
 * ago. (The Msg-Id window covers a minute only.)
 */
export class PlannedInLog implements PlannedBefore {
  readonly events = new PlannedEvents(REMEMBERED);
  readonly #options: PlannedInLogOptions;
  readonly #here: EventLog;
  loaded: Promise<void> = Promise.resolve();
  #firstUnsettled = 1;
  #isClosed = false;

  constructor(options: PlannedInLogOptions) {
    this.#options = options;
    this.#here = plannedHere(options.bus, options.region, options.region);
  }

  /** Sequence from which on events may be handed out again, as of the last load. */
  get firstUnsettled(): number {
    return this.#firstUnsettled;
  }

  /** Reads what was written since the ack floor; handlers wait for it. Rejects when it cannot be read, and must then be called again. */
  load(): Promise<void> {
    this.loaded = this.#read();
    // Whoever called knows; a handler that waits later is told again.
    this.loaded.catch(() => undefined);
    return this.loaded;
  }

  /** Loads again and again until it succeeds; handlers wait so long. `onFailure` is told each failure. */
  reload(onFailure: (error: unknown) => void): Promise<void> {
    this.loaded = this.#readAtLast(onFailure);
    return this.loaded;
  }

  /** Ends a reload that does not succeed. */
  close(): void {
    this.#isClosed = true;
  }

  async #readAtLast(onFailure: (error: unknown) => void): Promise<void> {
    while (!this.#isClosed) {
      try {
        return await this.#read();
      } catch (error) {
        onFailure(error);
        await sleep(AGAIN_MS);
      }
    }
  }

  /** Plans of events below the ack floor were acked and cannot come again. */
  async #read(): Promise<void> {
    const { bus, region } = this.#options;
    const { ack_floor } = await bus.jsm.consumers.info(streamNames(region).log, CONSUMERS.planner);
    const fromSeq = ack_floor.stream_seq + 1;
    const found: (PlanHead | number)[] = [];
    const note = (one: Found): void => void found.push(one.kind === 'planned' && one.head.parts !== undefined ? one.head : one.seq);
    await this.#here.scan({ fromSeq }, note);
    await this.#readPeers(fromSeq, note);
    this.events.recover(found);
    this.#firstUnsettled = fromSeq;
  }

  async #readPeers(fromSeq: number, note: (found: Found) => void): Promise<void> {
    const { bus, region, record } = this.#options;
    if (record === undefined) return;
    const next_by_subj = subjects.factFilter(region, 'event.accepted');
    const oldest = await bus.jsm.direct.getMessage(streamNames(region).log, { seq: fromSeq, next_by_subj });
    const storedMs = oldest?.time.getTime();
    if (storedMs === undefined || !mayHaveBeenPlannedElsewhere(record(), storedMs)) return;
    await plannedByPeers(bus, region).scan({ fromMs: storedMs - CLOCK_MARGIN_MS }, note);
  }
}
