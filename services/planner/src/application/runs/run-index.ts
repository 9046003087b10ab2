import type {
  Chain,
  DeliveryId,
  DispatchDecided,
  DispatchEnded,
  DispatchSettled,
  EndpointId,
  EventId,
  GithubRun,
  Scope,
  SourceRun,
  TenantId,
} from '@waybill/contracts';
import type { Edge } from '@waybill/dispatching';
import { edgeOf } from '../../domain/runs/make-decided.ts';
import { BoundedMap } from '../bounded-map.ts';
import { EdgeCounts } from './edge-counts.ts';

/** Where a fact can be read again. */
export interface FactPlace {
  readonly stream: string;
  readonly seq: number;
}

/** A fact as a stream holds it. */
export interface StoredFact extends FactPlace {
  readonly storedMs: number;
  readonly scope: Scope;
}

/** The end of a run that a dispatch started, before anything told of that dispatch. */
export interface LateEnd {
  readonly run: SourceRun;
  /** The region that decided about the run. */
  readonly region: string;
  readonly scope: Scope;
}

/** A decision as it is remembered. */
export interface KnownDecision {
  readonly place: FactPlace;
  /** When the stream stored it. */
  readonly storedMs: number;
}

/** A dispatch that started a run. */
export interface StartedRun {
  readonly deliveryId: DeliveryId;
  readonly eventId: EventId;
  readonly tenantId: TenantId;
  readonly endpointId: EndpointId;
  readonly scope: Scope;
  readonly chain: Chain;
}

/** How long a run's past counts, in ms: facts are read back so far at start, and kept for longer. */
export const KEPT_MS = 7 * 86_400_000;

/** Whether a run had ended so long before it was taken in that an earlier decision may be known no more. Pure. */
export const isPastIndex = ({ updatedAt }: Pick<GithubRun, 'updatedAt'>, acceptedMs: number): boolean =>
  acceptedMs - Date.parse(updatedAt) > KEPT_MS;

/** Finished runs that are remembered: 60 MB when full. */
const CAPACITY = 200_000;

const MAX_UNCLAIMED = 20_000;

/** What the facts of the last days say of finished runs and of the dispatches that started some. The longest known make room. Every fact may be noted again. */
export class RunIndex {
  readonly #edges = new EdgeCounts();
  readonly #decisions: BoundedMap<string, KnownDecision>;
  readonly #owners: BoundedMap<string, EventId>;
  readonly #started: BoundedMap<string, StartedRun>;
  readonly #ended: BoundedMap<string, true>;
  readonly #unclaimed = new BoundedMap<string, LateEnd>(MAX_UNCLAIMED);
  readonly #late = new Map<string, LateEnd>();
  #completeSinceMs: number;

  constructor(sinceMs: number, capacity = CAPACITY) {
    this.#completeSinceMs = sinceMs;
    this.#decisions = new BoundedMap(capacity, ({ storedMs }) => {
      this.#completeSinceMs = Math.max(this.#completeSinceMs, storedMs + 1);
    });
    this.#owners = new BoundedMap(capacity);
    this.#started = new BoundedMap(capacity);
    this.#ended = new BoundedMap(capacity);
  }

  /** Of runs that a stream stored since this time, ms since 1970, all decisions are known that were read. */
  get completeSinceMs(): number {
    return this.#completeSinceMs;
  }

  noteDecided(fact: DispatchDecided, { scope, storedMs, ...place }: StoredFact): void {
    const { eventId, run, skip } = fact;
    const known = this.#decisions.get(eventId);
    // A stream that was made anew holds it at another place.
    if (known === undefined || known.place.stream === place.stream) this.#decisions.set(eventId, { place, storedMs });
    if (known !== undefined) return;
    // Our own dispatches are among them, and the word of the start may come after the end.
    if (run.event === 'workflow_dispatch' && this.startedBy(run.host, run.id) === undefined)
      this.#unclaimed.set(`${run.host}/${run.id}`, { run, region: fact.region, scope });
    // That one belongs to the event which was first.
    if (skip?.reason !== 'duplicate_run_attempt' && this.#owners.get(run.identity) === undefined) this.#owners.set(run.identity, eventId);
    for (const { dispatch } of fact.targets) {
      if (dispatch !== undefined) this.countEdge(edgeOf(run, dispatch), dispatch.key, { eventId, atMs: Date.parse(fact.at) });
    }
  }

  /** Counts what a decision dispatches, also before it is stored: others are being decided at the same time. */
  countEdge(edge: Edge, dispatchKey: string, counted: { readonly eventId: EventId; readonly atMs: number }): void {
    this.#edges.note(edge, dispatchKey, counted);
  }

  noteSettled({ deliveryId, eventId, tenantId, endpointId, host, chain, outcome }: DispatchSettled, scope: Scope): void {
    if (outcome.kind !== 'started' || outcome.runId === undefined) return;
    const run = `${host}/${outcome.runId}`;
    const end = this.#unclaimed.get(run);
    if (end !== undefined) this.#late.set(run, end);
    this.#started.set(run, { deliveryId, eventId, tenantId, endpointId, scope, chain });
  }

  /** Ends that belong to a dispatch and are `region`'s to tell, which has not. */
  lateEnds(region: string): LateEnd[] {
    for (const [key, { run, region: of }] of this.#late) {
      if (of !== region || this.isEnded(run.host, run.id, run.attempt)) this.#late.delete(key);
    }
    return [...this.#late.values()];
  }

  get hasLateEnds(): boolean {
    return this.#late.size > 0;
  }

  noteEnded({ host, runId, runAttempt }: Pick<DispatchEnded, 'host' | 'runId' | 'runAttempt'>): void {
    this.#ended.set(`${host}/${runId}/${runAttempt}`, true);
  }

  decisionOf(eventId: string): KnownDecision | undefined {
    return this.#decisions.get(eventId);
  }

  /** Whether the run attempt was decided under another event. */
  isRepeat(identity: string, eventId: EventId): boolean {
    const owner = this.#owners.get(identity);
    return owner !== undefined && owner !== eventId;
  }

  startedBy(host: string, runId: string): StartedRun | undefined {
    return this.#started.get(`${host}/${runId}`);
  }

  isEnded(host: string, runId: string, attempt: number): boolean {
    return this.#ended.get(`${host}/${runId}/${attempt}`) !== undefined;
  }

  edgeCount(edge: Edge, eventId: EventId, nowMs: number): number {
    return this.#edges.count(edge, eventId, nowMs);
  }
}
