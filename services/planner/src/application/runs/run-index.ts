import type {
  Chain,
  DeliveryId,
  DispatchDecided,
  DispatchEnded,
  DispatchSettled,
  EndpointId,
  EventId,
  Scope,
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

/** Finished runs that are remembered: 60 MB when full. */
const CAPACITY = 200_000;

/** What the facts of the last days say of finished runs and of the dispatches that started some. The longest known make room. Every fact may be noted again. */
export class RunIndex {
  readonly #edges = new EdgeCounts();
  readonly #decisions: BoundedMap<string, KnownDecision>;
  readonly #owners: BoundedMap<string, EventId>;
  readonly #started: BoundedMap<string, StartedRun>;
  readonly #ended: BoundedMap<string, true>;
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

  noteDecided(fact: DispatchDecided, place: FactPlace, storedMs: number): void {
    const { eventId, run, skip } = fact;
    const known = this.#decisions.get(eventId);
    // A stream that was made anew holds it at another place.
    if (known === undefined || known.place.stream === place.stream) this.#decisions.set(eventId, { place, storedMs });
    if (known !== undefined) return;
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
    this.#started.set(`${host}/${outcome.runId}`, { deliveryId, eventId, tenantId, endpointId, scope, chain });
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
