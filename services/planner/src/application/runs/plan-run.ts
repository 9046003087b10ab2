import {
  type DecidedTarget,
  type DispatchDecided,
  type DispatchEnded,
  type GithubRun,
  githubRunSchema,
  RUN_COMPLETED_TYPE,
  runIdentity,
  type Scope,
  type SourceRun,
  subjects,
  type TraceContext,
} from '@waybill/contracts';
import type { Handled, Publish } from '@waybill/transport';
import { makeDecided } from '../../domain/runs/make-decided.ts';
import type { PlanAppender, ToPlan } from '../append-plans.ts';
import type { PlannedEvents } from '../planned-events.ts';
import { NO_PLANNING_WATCH, type PlanningWatch } from '../planning-watch.ts';
import { traceHeaders } from '../trace-headers.ts';
import { decideOn, type DecidingPorts } from './decide-run.ts';
import type { FactPlace } from './run-index.ts';
import { Turns } from './turns.ts';

/** The facts of dispatches in the own LOG and of other regions, beyond what the index holds. */
export interface DispatchFacts {
  /** Resolves when the index knows all that was stored when this was called. */
  catchUp(): Promise<void>;
  /** A decision; undefined when it is not there. */
  read(place: FactPlace): Promise<DispatchDecided | undefined>;
}

export interface RunPorts extends DecidingPorts {
  /** The own region. */
  readonly region: string;
  readonly facts: DispatchFacts;
  readonly publish: Publish;
  readonly appender: PlanAppender;
  readonly watch?: Pick<PlanningWatch, 'deciding'> | undefined;
}

/** How a run is planned: where its plans are noted, and whether this region may still append any when GitHub has answered. */
export interface RunTurn {
  /** False when it may have been decided before, by whomever. */
  readonly isFirstTry: boolean;
  readonly planned: PlannedEvents;
  readonly mayAppend: () => boolean;
}

interface ReadRun extends ToPlan {
  readonly run: GithubRun;
}

const DONE: Handled = { kind: 'done' };
const NOT_OURS: Handled = { kind: 'again', delayMs: 1_000, reason: 'another region may be planning it' };

/**
 * Plans finished workflow runs: decides what a run leads to, once, appends that as a fact, and makes the plans from the fact. Whoever dies between two
 * appends finds the decision and does not decide again, whatever the files say by then.
 */
export class RunPlanner {
  readonly #ports: RunPorts;
  readonly #turns = new Turns();

  constructor(ports: RunPorts) {
    this.#ports = ports;
  }

  /** Whether it is worth trying: false while it waits for GitHub. */
  isDue(eventId: string | undefined): boolean {
    return this.#ports.waiting.isDue(eventId);
  }

  /** Plans one run; `again` when GitHub or another fact must be waited for. Throws what `publish` throws; called again, it goes on where it stopped. */
  async plan(toPlan: ToPlan, turn: RunTurn): Promise<Handled> {
    const reading = readRun(toPlan);
    if (typeof reading !== 'string') return this.#turns.take(runIdentity(reading), () => this.#planNow({ ...toPlan, run: reading }, turn));
    const { accepted, event } = toPlan;
    await this.#ports.appender.refuse(accepted, { verdict: 'poison', detail: reading, about: event }, turn.planned);
    return DONE;
  }

  /**
   * What a run leads to by the decision about it, which is made and told now if there was none. `again` when GitHub or another fact must be waited for,
   * undefined when it cannot be read. For jobs, which make the plans themselves.
   */
  targetsOf(toPlan: ToPlan, mayAppend: () => boolean): Promise<readonly DecidedTarget[] | Handled | undefined> {
    const reading = readRun(toPlan);
    if (typeof reading === 'string') return Promise.resolve(undefined);
    return this.#turns.take(runIdentity(reading), async () => {
      const decided = await this.#decisionOf({ ...toPlan, run: reading }, { isFirstTry: false, mayAppend });
      return 'kind' in decided ? decided : decided.targets;
    });
  }

  async #planNow(asked: ReadRun, turn: RunTurn): Promise<Handled> {
    const { accepted, event, data } = asked;
    if (turn.planned.isWhole(accepted.seq)) return DONE;
    const decided = await this.#decisionOf(asked, turn);
    if ('kind' in decided) return decided;
    await this.#ports.appender.appendMissing({ accepted, event, data, dispatches: decided.targets }, turn.planned);
    return DONE;
  }

  async #decisionOf(asked: ReadRun, turn: Omit<RunTurn, 'planned'>): Promise<DispatchDecided | Handled> {
    const { accepted, run } = asked;
    // What a bot started may be our own doing, and the word of that half a second away.
    if (!turn.isFirstTry || run.triggeringActor?.type === 'Bot') await this.#ports.facts.catchUp();
    await this.#tellEndOf(run, accepted);
    return (await this.#readKnown(asked)) ?? (await this.#decide(asked, turn));
  }

  /** What was decided of this event before, here or in another region. */
  async #readKnown({ event: { eventId } }: ReadRun): Promise<DispatchDecided | Handled | undefined> {
    const { index, facts } = this.#ports;
    const known = index.decisionOf(eventId);
    if (known === undefined) return undefined;
    const fact = await facts.read(known.place);
    if (fact?.eventId === eventId) return fact;
    await facts.catchUp();
    return { kind: 'again', delayMs: 1_000, reason: `its decision is not at ${known.place.stream} ${known.place.seq}` };
  }

  async #decide({ accepted, event, run }: ReadRun, turn: Omit<RunTurn, 'planned'>): Promise<DispatchDecided | Handled> {
    const { index, region, publish, nowMs, facts, watch = NO_PLANNING_WATCH } = this.#ports;
    const { eventId, timestamp } = event;
    const { trace, decided } = watch.deciding(accepted);
    const deciding = await decideOn(this.#ports, { eventId, run, acceptedIn: accepted.region, acceptedMs: Date.parse(timestamp) });
    if (deciding.kind === 'again') return deciding;
    // GitHub may have taken its time.
    if (!turn.mayAppend()) return NOT_OURS;
    const fact = makeDecided({ event, run, ...deciding, region, nowMs: nowMs() });
    const subject = subjects.fact(region, accepted.scope, 'dispatch.decided');
    const { stream, seq, duplicate } = await publish({
      subject,
      body: JSON.stringify(fact),
      msgId: `decided:${eventId}`,
      headers: traceHeaders(trace),
    });
    const place = { stream, seq };
    // An earlier try was stored after all: that one counts.
    const stored = duplicate ? await facts.read(place) : fact;
    if (stored === undefined) return { kind: 'again', delayMs: 1_000, reason: 'its decision cannot be read yet' };
    decided(stored);
    index.noteDecided(stored, { ...place, storedMs: nowMs(), scope: accepted.scope });
    return stored;
  }

  /** Tells the ends that came in before the word of what started them; to be called again and again. */
  async tellLateEnds(): Promise<void> {
    const { index, facts, region } = this.#ports;
    if (!index.hasLateEnds) return;
    await facts.catchUp();
    for (const { run, scope } of index.lateEnds(region)) await this.#tellEndOf(run, { scope });
  }

  /** The end of a run that a dispatch started belongs to that one's story, whatever follows from it here. */
  async #tellEndOf(
    run: Pick<SourceRun, 'host' | 'id' | 'attempt' | 'conclusion' | 'url'>,
    { scope, trace }: { readonly scope: Scope; readonly trace?: TraceContext | undefined },
  ): Promise<void> {
    const { index, region, publish, nowMs } = this.#ports;
    const { host, id: runId, attempt: runAttempt, conclusion, url } = run;
    const started = index.startedBy(host, runId);
    if (started === undefined || index.isEnded(host, runId, runAttempt)) return;
    const { deliveryId, eventId, tenantId, endpointId } = started;
    const of = { deliveryId, eventId, tenantId, endpointId, host, runId, runAttempt };
    const fact: DispatchEnded = { v: 1, ...of, conclusion, url, region, at: new Date(nowMs()).toISOString() };
    const subject = subjects.fact(region, scope === 'l' ? 'l' : started.scope, 'dispatch.ended');
    await publish({ subject, body: JSON.stringify(fact), msgId: `ended:${host}/${runId}/${runAttempt}`, headers: traceHeaders(trace) });
    index.noteEnded(fact);
  }
}

/** The run that an event speaks of, or why it cannot be read. */
function readRun({ event, data }: ToPlan): GithubRun | string {
  if (event.eventType !== RUN_COMPLETED_TYPE) return `a finished run of the type ${event.eventType}`;
  try {
    const read = githubRunSchema.safeParse(JSON.parse(data.toString('utf8')));
    return read.success ? read.data : read.error.message.slice(0, 500);
  } catch (error) {
    return error instanceof Error ? error.message.slice(0, 500) : String(error);
  }
}
