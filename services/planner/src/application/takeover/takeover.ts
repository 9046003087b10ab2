import { HEADERS, type RoutingView } from '@waybill/contracts';
import { isActive } from '../../domain/choose-regions.ts';
import { plannerFor } from '../../domain/choose-planner.ts';
import type { AcceptedEvent, AppendPorts, PlanAppender } from '../append-plans.ts';
import type { EventLog, Found, FoundEvent } from '../event-log.ts';
import { inSlices } from '../in-slices.ts';
import { Background } from '../background.ts';
import { PayloadAway } from '../payload-for-filters.ts';
import { isPassing } from '../passing-failure.ts';
import { readAccepted } from '../read-accepted.ts';
import type { RunPlanner } from '../runs/plan-run.ts';
import { UnplannedEvents } from './unplanned-events.ts';

export interface TakeoverPorts extends Pick<AppendPorts, 'schema' | 'subscriptions' | 'routing' | 'nowMs'> {
  /** The own region. */
  readonly self: string;
  /** The failed region. */
  readonly of: string;
  /** What arrived here of the failed region's events: `wb.<of>.g` and the plans of all regions. */
  readonly peers: EventLog;
  /** What this region itself planned of them, in an earlier life. */
  readonly own: Pick<EventLog, 'scan'>;
  readonly appender: PlanAppender;
  readonly runs: Pick<RunPlanner, 'plan' | 'isDue'>;
  /** Finished runs that arrived here of which no decision is known, or one made since then: those waited for GitHub, maybe for long. */
  readonly openRuns: (decidedSinceMs: number, visit: (found: Found) => void) => Promise<void>;
  /** Whether the region is still failed. */
  readonly isFailed: () => boolean;
  /** An event that cannot be handled here; its own region will try it. */
  readonly onUnplannable: (event: AcceptedEvent, error: unknown) => void;
}

/** Arrived in this much time: what is read at once, newest first. */
const CHUNK_MS = 10 * 60_000;
/** Own plans may carry an earlier time than the events they are about, by two servers' clocks. */
const CLOCK_MARGIN_MS = 60_000;
/**
 * How long an event must have been here before it counts as unplanned: the failed region's planner may be alive, and needs a moment to see that it is
 * to stop; what it planned until then arrives behind the event.
 */
const GRACE_MS = 5_000;
/** The failed region may be gone with registry entries that never got here. */
const REGISTRY_BUDGET_MS = 2_000;
const CONCURRENCY = 64;

/** The last places that were not read yet. */
interface Ends {
  readonly peers: number;
  readonly own?: number | undefined;
}

/** Plans in place of a failed region what it accepted and did not plan, as far as that arrived here and no other region stands nearer. */
export class Takeover {
  readonly #ports: TakeoverPorts;
  #events = new UnplannedEvents();
  /** Place in PEERS up to which everything was read; undefined: reading back is not finished. */
  #readTo: number | undefined;
  #seenRegions = '';
  /** Lowest revision of the failed region's registry that did not arrive here in time. */
  #missingRevision = Number.POSITIVE_INFINITY;
  /** Planning a run asks GitHub: it must not hold up the others. */
  readonly #runs = new Background((failure) => {
    this.#runsFailure = failure instanceof Error ? failure : new Error(String(failure));
  });
  #runsFailure: Error | undefined;
  #isEndingRuns = false;
  /** Runs planned since the last pass ended. */
  #plannedRuns = 0;

  constructor(ports: TakeoverPorts) {
    this.#ports = ports;
  }

  /**
   * Looks once through what arrived: the first time back in time, then what is new. Returns how many events were planned or refused here. Rejects when
   * NATS is away; the next pass goes on, or starts again: both find what was planned.
   */
  async pass(): Promise<number> {
    const regions = signatureOf(this.#ports.routing(), this.#ports.of);
    // Another region that stood nearer may have failed too, with events unplanned that were left to it.
    if (regions !== this.#seenRegions) this.#readTo = undefined;
    if (this.#readTo !== undefined) return this.#readForward(this.#readTo);
    await this.#endRuns();
    this.#events = new UnplannedEvents();
    this.#missingRevision = Number.POSITIVE_INFINITY;
    const { lastSeq } = await this.#ports.peers.extent();
    const planned = await this.#readBack(lastSeq);
    // It may have failed again by then, with what was not looked at.
    if (this.#ports.isFailed()) this.#readTo = lastSeq;
    this.#seenRegions = regions;
    return planned;
  }

  /** Resolves when nothing is being planned any more. */
  settled(): Promise<void> {
    return this.#endRuns();
  }

  /** Waits for those that are being planned; what is behind them is met again. */
  async #endRuns(): Promise<void> {
    this.#isEndingRuns = true;
    await this.#runs.settled();
    this.#isEndingRuns = false;
  }

  /** Stops at the first stretch of which nothing was unplanned: planners work in order. */
  async #readBack(lastSeq: number): Promise<number> {
    const { peers, isFailed } = this.#ports;
    const { firstMs } = await peers.extent();
    let beforeMs = await peers.newestMs();
    let ends: Ends = { peers: lastSeq };
    let planned = 0;
    for (let spanMs = CHUNK_MS; beforeMs !== undefined && beforeMs >= firstMs && isFailed();) {
      beforeMs -= spanMs;
      const { accepted, first } = await this.#readChunk(beforeMs, ends);
      const unplanned = this.#events.size;
      planned += await this.#planRipe();
      if (accepted > 0 && unplanned === 0) break;
      // A quiet region: its events may lie far apart.
      spanMs = accepted === 0 ? spanMs * 2 : CHUNK_MS;
      ends = first;
    }
    // Plans of what was decided since were read above; runs are not planned in order, for some wait for GitHub.
    if (beforeMs !== undefined) await this.#ports.openRuns(beforeMs + CLOCK_MARGIN_MS, (found) => this.#events.note(found));
    return planned + (await this.#planRipe());
  }

  /** Reads from a time to what was read before; tells where it began. */
  async #readChunk(fromMs: number, ends: Ends): Promise<{ readonly accepted: number; readonly first: Ends }> {
    let accepted = 0;
    const note = (found: Found): void => {
      if (found.kind === 'accepted') accepted += 1;
      this.#events.note(found);
    };
    const peers = await this.#ports.peers.scan({ fromMs, toSeq: ends.peers }, note);
    const own = await this.#ports.own.scan({ fromMs: fromMs - CLOCK_MARGIN_MS, toSeq: ends.own }, note);
    return { accepted, first: { peers: peers === undefined ? ends.peers : peers - 1, own: own === undefined ? ends.own : own - 1 } };
  }

  async #readForward(readTo: number): Promise<number> {
    const { lastSeq } = await this.#ports.peers.extent();
    if (lastSeq < readTo) {
      // PEERS was made anew: its sequences mean something else now.
      this.#readTo = undefined;
      return 0;
    }
    await this.#ports.peers.scan({ fromSeq: readTo + 1, toSeq: lastSeq }, (found) => this.#events.note(found));
    this.#readTo = lastSeq;
    return this.#planRipe();
  }

  async #planRipe(): Promise<number> {
    let planned = 0;
    const ripe = this.#events.storedBefore(this.#ports.nowMs() - GRACE_MS);
    const runs = ripe.filter(({ type }) => type === 'run.completed');
    if (runs.length > 0) this.#runs.start(() => this.#planRuns(runs));
    const events = runs.length === 0 ? ripe : ripe.filter(({ type }) => type !== 'run.completed');
    await inSlices(events, CONCURRENCY, async (event) => {
      // What is left when the region comes back it plans itself.
      if (!this.#ports.isFailed()) return;
      const became = await this.#plan(event);
      if (became === 'planned') planned += 1;
      if (became !== 'waits') this.#events.settle(event.seq);
    });
    return planned + this.#takePlannedRuns();
  }

  async #planRuns(runs: readonly FoundEvent[]): Promise<void> {
    const events = this.#events;
    await inSlices(runs, CONCURRENCY, async (run) => {
      if (this.#isEndingRuns || !this.#ports.isFailed() || !this.#ports.runs.isDue(run.eventId)) return;
      const became = await this.#plan(run);
      if (became === 'planned') this.#plannedRuns += 1;
      if (became !== 'waits') events.settle(run.seq);
    });
  }

  #takePlannedRuns(): number {
    const [planned, failure] = [this.#plannedRuns, this.#runsFailure];
    this.#plannedRuns = 0;
    this.#runsFailure = undefined;
    if (failure !== undefined) throw failure;
    return planned;
  }

  /** `planned` or refused: it was this region's turn. `waits`: it will be again. */
  async #plan(event: FoundEvent): Promise<'planned' | 'left' | 'waits'> {
    const accepted = await this.#ports.peers.read(event);
    if (accepted === undefined) return 'left';
    try {
      return await this.#planAccepted(accepted);
    } catch (error) {
      if (isPassing(error)) throw error;
      if (error instanceof PayloadAway) return 'waits';
      this.#ports.onUnplannable(accepted, error);
      return 'left';
    }
  }

  async #planAccepted(accepted: AcceptedEvent): Promise<'planned' | 'left' | 'waits'> {
    const { self, of, schema, subscriptions, routing, appender, runs, isFailed } = this.#ports;
    const { planned } = this.#events;
    await this.#registryAtLeast(Number(accepted.header(HEADERS.registryRevision)) || 0);
    const reading = readAccepted(accepted.body, of, schema);
    const tenantId = reading.kind === 'readable' ? reading.event.tenantId : reading.about.tenantId;
    if (plannerFor(routing(), of, subscriptions.tenant(tenantId)?.placement) !== self) return 'left';
    if (reading.kind === 'refused') {
      await appender.refuse(accepted, reading, planned);
      return 'planned';
    }
    const toPlan = { accepted, event: reading.event, data: reading.data };
    if (accepted.type === 'run.completed')
      return (await runs.plan(toPlan, { planned, isFirstTry: false, mayAppend: isFailed })).kind === 'done' ? 'planned' : 'waits';
    await appender.appendMissing(toPlan, planned);
    return 'planned';
  }

  /** What was waited for in vain is not waited for again, or each event of a dead region would take seconds. */
  async #registryAtLeast(revision: number): Promise<void> {
    const { of, subscriptions } = this.#ports;
    if (revision >= this.#missingRevision) return;
    if (!(await subscriptions.atLeast(of, revision, REGISTRY_BUDGET_MS))) this.#missingRevision = Math.min(this.#missingRevision, revision);
  }
}

/** What decides which region plans. */
const signatureOf = (view: RoutingView, of: string): string =>
  [view.states.get(of)?.to ?? '', ...view.order.filter((region) => isActive(view, region))].join(' ');
