import { type AcceptedType, streamNames } from '@waybill/contracts';
import type { ControlView } from '@waybill/regions';
import type { DependencyState, Health, Logger, Tracing, WorkLog } from '@waybill/runtime';
import type { Bus, JetStreamStrategy, MessageSource, Publish } from '@waybill/transport';
import type { AcceptedEvent, AppendPorts } from '../application/append-plans.ts';
import { Background } from '../application/background.ts';
import { OwnEvents, type Reading } from '../application/own-events.ts';
import { type PlanEventPorts, planOwn } from '../application/plan-event.ts';
import type { FoundEvent } from '../application/event-log.ts';
import { LocalPlanning } from '../application/plan-local.ts';
import type { RunPlanner } from '../application/runs/plan-run.ts';
import { StandIn } from '../application/takeover/stand-in.ts';
import { Takeover } from '../application/takeover/takeover.ts';
import type { PlannedInLog } from './planned-before.ts';
import { Repeating } from './repeat.ts';
import { openRuns } from '../application/runs/open-runs.ts';
import type { FollowedDispatches } from './runs/follow-dispatches.ts';
import { localEvents, peerEvents, peerRuns, plannedHere } from './stream-events.ts';
import { plannersClosedFor, takeoverClosings } from './takeover-facts.ts';

export interface SeveralRegionsParts {
  readonly bus: Bus;
  readonly logger: Logger;
  readonly tracing: Tracing;
  readonly work: WorkLog;
  readonly view: ControlView;
  readonly region: string;
  readonly others: readonly string[];
  readonly planning: Pick<PlanEventPorts, 'region' | 'schema' | 'subscriptions' | 'appender' | 'watch'> & {
    readonly plannedBefore: PlannedInLog;
    readonly routing: AppendPorts['routing'];
    readonly runs: RunPlanner;
  };
  readonly dispatches: FollowedDispatches;
  readonly publish: Publish;
  readonly strategy: JetStreamStrategy;
  /** The own region's accepted events, and apart from them its finished runs. */
  readonly sources: { readonly events: MessageSource; readonly runs: MessageSource };
}

/** How long a start waits to learn the states of the regions; cut off from them a region must work by itself. */
const INFORMED_MS = 15_000;

/** What only a planner with other regions does: it knows when its own events are its to plan, and plans for those that failed. */
export class SeveralRegions {
  readonly #parts: SeveralRegionsParts;
  readonly #own: OwnEvents;
  readonly #startedMs = performance.now();
  readonly #running: Repeating[] = [];
  #forget: () => void = () => undefined;
  readonly #localRuns = new Background((failure) => this.#onRunsUnread(failure));
  #failure: string | undefined;

  constructor(parts: SeveralRegionsParts) {
    this.#parts = parts;
    this.#own = this.#ownEvents();
  }

  readonly mayPlan: OwnEvents['mayPlan'] = (scope) => this.#own.mayPlan(scope);

  start(): void {
    const { view, others } = this.#parts;
    this.#running.push(
      new Repeating(
        () => this.#own.step(),
        (failure) => this.#tell('own events', failure),
      ),
      ...others.map((of) => this.#standInFor(of)),
    );
    this.#forget = view.onChange(() => {
      for (const running of this.#running) running.wake();
    });
  }

  async stop(): Promise<void> {
    this.#forget();
    await Promise.all(this.#running.map((running) => running.stop()));
    await this.#own.stop();
  }

  /** Without the control bucket a region goes on with what it knows: that is told, and no reason to take it out. */
  declareHealth(health: Health): void {
    health.declare('control', () => {
      const { failure } = this.#parts.view;
      return failure === undefined ? { ok: true } : { ok: true, detail: `goes on with what is known: ${failure}` };
    });
    health.declare('planning', () => this.#state());
  }

  #state(): DependencyState {
    const failure = this.#failure ?? this.#own.failure;
    if (failure !== undefined) return { ok: false, detail: failure };
    return this.#own.waitsFor === undefined ? { ok: true } : { ok: true, detail: `waits for ${this.#own.waitsFor}` };
  }

  #ownEvents(): OwnEvents {
    const { bus, logger, view, region, others, planning } = this.#parts;
    const { plannedBefore, runs } = planning;
    const local = this.#localPlanning('event.accepted');
    const localRuns = this.#localPlanning('run.completed', (event) => runs.isDue(event.eventId));
    return new OwnEvents({
      region,
      others,
      isInformed: () => view.loaded || performance.now() - this.#startedMs > INFORMED_MS,
      record: (one) => view.record(one),
      closedBy: (epoch) => plannersClosedFor(bus, region, epoch),
      loadPlanned: async () => {
        await plannedBefore.load();
        local.startAt(plannedBefore.firstUnsettled('event.accepted'));
        // A pass that still asks GitHub is not waited for: it began earlier, and finds what was planned.
        this.#localRuns.start(async () => {
          await plannedBefore.runsLoaded;
          localRuns.startAt(plannedBefore.firstUnsettled('run.completed'));
        });
      },
      attach: () => this.#attach(),
      planLocal: async () => {
        this.#localRuns.start(() => localRuns.pass());
        await local.pass();
      },
      onTurn: (waitsFor) => {
        if (waitsFor === undefined) logger.info({ event: 'planner.own_events' }, 'plans the events of its own region');
        else logger.warn({ event: 'planner.holds', waitsFor }, `holds the events of its own region; waits for ${waitsFor}`);
      },
    });
  }

  #localPlanning(type: AcceptedType, isDue?: (event: FoundEvent) => boolean): LocalPlanning {
    const { bus, tracing, region, planning } = this.#parts;
    return new LocalPlanning({
      log: localEvents({ bus, tracing }, region, type),
      planned: planning.plannedBefore.events,
      plan: async (event) => (await planOwn(planning, event)).kind === 'done',
      onUnplannable: this.#unplannable,
      isDue,
    });
  }

  async #attach(): Promise<Reading> {
    const { strategy, sources } = this.#parts;
    const events = await strategy.attach(sources.events);
    try {
      const runs = await strategy.attach(sources.runs);
      return {
        get failure() {
          return events.failure ?? runs.failure;
        },
        detach: async () => {
          // A run may be waiting for GitHub's answer; nothing is appended then, for it is asked again whose turn it is.
          void runs.detach();
          await events.detach();
        },
      };
    } catch (error) {
      await events.detach();
      throw error;
    }
  }

  #standInFor(of: string): Repeating {
    const { bus, work, view, region, publish } = this.#parts;
    let startedMs = 0;
    const standIn = new StandIn({
      of,
      record: () => view.record(of),
      openTakeover: () => this.#openTakeover(of),
      closings: takeoverClosings(bus, region, publish),
      onPlanned: (messages) => {
        const durationMs = Math.round(performance.now() - startedMs);
        work.failed({ work: 'takeover', outcome: 'planned', origin: of, messages, durationMs });
      },
    });
    return new Repeating(
      () => {
        startedMs = performance.now();
        return standIn.step();
      },
      (failure) => this.#tell(`takeover of ${of}`, failure),
    );
  }

  #openTakeover(of: string): Takeover {
    const { bus, tracing, view, region, planning, dispatches } = this.#parts;
    const { schema, subscriptions, appender, routing, runs } = planning;
    return new Takeover({
      self: region,
      of,
      schema,
      subscriptions,
      appender,
      routing,
      runs,
      openRuns: openRuns({ runs: peerRuns(bus, region, of), index: dispatches.index, facts: dispatches }),
      peers: peerEvents({ bus, tracing }, region, of),
      own: plannedHere(bus, region, of),
      nowMs: () => Date.now(),
      isFailed: () => view.record(of)?.state === 'failed',
      onUnplannable: this.#unplannable,
    });
  }

  readonly #unplannable = ({ region, seq }: AcceptedEvent, error: unknown): void =>
    this.#parts.logger.error({ event: 'planner.unplannable', stream: streamNames(region).log, seq, err: error }, 'left to its own region');

  readonly #onRunsUnread = (failure: unknown): void =>
    this.#parts.logger.warn({ event: 'planner.runs_unread', err: failure }, 'finished runs: tried again every second');

  #tell(what: string, failure: unknown): void {
    const { logger } = this.#parts;
    if (failure === undefined) logger.info({ event: 'planner.step_works', what }, `${what}: works again`);
    else logger.warn({ event: 'planner.step_failed', what, err: failure }, `${what}: tried again every second`);
    if (what === 'own events') this.#failure = failure === undefined ? undefined : describe(failure);
  }
}

const describe = (failure: unknown): string => (failure instanceof Error ? failure.message : String(failure));
