import {
  type DeliveryId,
  type EventId,
  newEventId,
  type Placement,
  type RegionRecord,
  type TenantId,
  type DueDelivery,
} from '@waybill/contracts';
import { vi } from 'vitest';
import { type KnownAttempt, remainingOf } from '../../../domain/delivery-task.ts';
import { TakeoverController } from '../controller.ts';
import { TakenElsewhere } from '../taken-elsewhere.ts';
import type { TakeoverTold } from '../takeover-story.ts';
import { MemoryBucket, MemoryControl } from './memory-control.ts';
import { idOf, memoryFacts, memoryHistory, memorySchedules, MemoryStreams, planned, type Step, type Stored } from './memory-streams.ts';

export const TENANT = 'acme' as TenantId;
const WORK_EVERY_MS = 200;

/** A request that a receiver got. */
export interface Sent {
  readonly deliveryId: DeliveryId;
  readonly region: string;
  readonly attempt: number;
}

export interface WorldOptions {
  readonly regions?: readonly string[];
  readonly automatic?: boolean;
  /** Time from the request to the answer. */
  readonly latencyMs?: number;
  /** Time from one share of a returning region to the next. */
  readonly stepMs?: number;
  /** Time that a fact takes from region to region. */
  readonly linkMs?: number;
}

/** Regions with their streams, the links between them, the control bucket, receivers, and an operator. Time is the fake one of vitest. */
export class World {
  readonly bucket = new MemoryBucket();
  readonly streams = new Map<string, MemoryStreams>();
  readonly processes = new Map<string, Process>();
  readonly sent: Sent[] = [];
  /** What was told of takeovers, as `us eu` when eu began to stand in for us. */
  readonly begun: string[] = [];
  readonly told: TakeoverTold[] = [];
  /** How often a receiver refuses a delivery before it accepts it. */
  readonly refusals = new Map<DeliveryId, number>();
  /** Wait after each refusal, where it is not the usual one. */
  readonly retryMs = new Map<DeliveryId, number>();
  readonly placements = new Map<string, Placement>();
  /** Endpoints that are not known in a region. */
  readonly unknownIn = new Set<string>();
  /** Time that each step of that name takes before it happens. */
  readonly delays: Record<string, number> = {};
  readonly options: Required<WorldOptions>;
  readonly #waiting = new Map<string, Stored[]>();
  readonly #cut = new Set<string>();
  #events = 0;

  constructor(options: WorldOptions = {}) {
    this.options = { regions: ['us', 'eu'], automatic: false, latencyMs: 50, stepMs: 60_000, linkMs: 0, ...options };
    for (const region of this.options.regions) {
      const streams = new MemoryStreams(region);
      streams.onAppend = (stored) => this.#replicate(region, stored);
      this.streams.set(region, streams);
      this.setRecord(region, {});
    }
  }

  of(region: string): MemoryStreams {
    const streams = this.streams.get(region);
    if (streams === undefined) throw new Error(`no region ${region}`);
    return streams;
  }

  /** Writes a region's record as an operator does. */
  setRecord(region: string, change: Partial<RegionRecord>): RegionRecord {
    const present = this.bucket.records.get(region);
    const at = new Date().toISOString();
    const first = { v: 1, region, state: 'active', epoch: 0, share: 100, why: 'test', renewedAt: at, holder: 'h' } as const;
    const record = { ...first, ...present?.record, who: 'admin', how: 'manual', since: at, ...change } as RegionRecord;
    const next = { ...record, epoch: change.epoch ?? record.epoch + 1 };
    this.bucket.records.set(region, { record: next, revision: (present?.revision ?? 0) + 1 });
    return next;
  }
  fail(region: string): RegionRecord {
    return this.setRecord(region, { state: 'failed', share: 0, forced: true });
  }
  drain(region: string): RegionRecord {
    return this.setRecord(region, { state: 'draining', share: 0 });
  }
  activate(region: string): RegionRecord {
    return this.setRecord(region, { state: 'recovering', share: 0 });
  }
  record(region: string): RegionRecord {
    const found = this.bucket.records.get(region)?.record;
    if (found === undefined) throw new Error(`no record of ${region}`);
    return found;
  }

  /** Links: facts wait while one is cut, and arrive in order when it is whole. */
  cut(from: string, to: string): void {
    this.#cut.add(`${from} ${to}`);
  }
  heal(from: string, to: string): void {
    this.#cut.delete(`${from} ${to}`);
    this.#flow(from, to);
  }
  /** Cuts a region off from the others and the hub, or heals that. */
  isolate(region: string, isOff: boolean): void {
    for (const other of this.options.regions.filter((one) => one !== region)) {
      for (const [from, to] of [
        [region, other],
        [other, region],
      ] as const) {
        if (isOff) this.cut(from, to);
        else this.heal(from, to);
      }
    }
    if (isOff) this.bucket.cutOff.add(region);
    else this.bucket.cutOff.delete(region);
  }

  /** A planner makes a plan; returns the delivery. */
  plan(
    by: string,
    deliverIn: string,
    more: { acceptedIn?: string; eventId?: EventId; tenantId?: TenantId; revision?: number; order?: DueDelivery['order'] } = {},
  ): DeliveryId {
    const eventId = more.eventId ?? this.event();
    const { acceptedIn = by, tenantId = TENANT, revision = 1, order } = more;
    this.of(by).append({ type: 'plan', acceptedIn, deliverIn, eventId, tenantId, revision, order });
    return idOf(eventId);
  }
  event(): EventId {
    const random = new Uint8Array(10);
    new DataView(random.buffer).setUint32(0, (this.#events += 1));
    return newEventId(Date.now(), random);
  }

  start(region: string, dieAt: DieAt = {}): Process {
    const process = new Process(this, region, dieAt);
    this.processes.set(region, process);
    return process;
  }
  kill(region: string): void {
    this.processes.get(region)?.kill();
    this.processes.delete(region);
  }
  /** Lets time pass. */
  async pass(ms: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(ms);
  }

  sentTo(deliveryId: DeliveryId): string[] {
    return this.sent.filter((sent) => sent.deliveryId === deliveryId).map(({ region, attempt }) => `${region} ${attempt}`);
  }
  /** Regions whose LOG says that they brought it to an end. */
  endsOf(deliveryId: DeliveryId): string[] {
    return [...this.streams.values()].flatMap(({ log, region }) =>
      log.flatMap(({ fact }) =>
        fact.type === 'attempt' && fact.deliveryId === deliveryId && fact.known.next.kind !== 'retry' ? [region] : [],
      ),
    );
  }
  stop(): void {
    for (const region of this.processes.keys()) this.kill(region);
  }

  #replicate(from: string, stored: Stored): void {
    if (stored.fact.type === 'plan' && stored.fact.tenantId.startsWith('strict')) return;
    for (const to of this.options.regions.filter((other) => other !== from)) {
      const link = `${from} ${to}`;
      this.#waiting.set(link, [...(this.#waiting.get(link) ?? []), stored]);
      if (this.options.linkMs === 0) this.#flow(from, to);
      else setTimeout(() => this.#flow(from, to), this.options.linkMs);
    }
  }

  #flow(from: string, to: string): void {
    const link = `${from} ${to}`;
    if (this.#cut.has(link)) return;
    const arrived = (this.#waiting.get(link) ?? []).filter(({ storedMs }) => storedMs + this.options.linkMs <= Date.now());
    for (const stored of arrived) this.of(to).copy(stored);
    this.#waiting.get(link)?.splice(0, arrived.length);
  }
}

/** Where a process dies: before or after the n-th step of that name. */
export interface DieAt {
  readonly name?: string;
  readonly nth?: number;
  readonly when?: 'before' | 'after';
}

/** A dispatcher: the real controller, and a worker reduced to what decides about sending. */
export class Process {
  readonly controller: TakeoverController;
  readonly control: MemoryControl;
  readonly #world: World;
  readonly #streams: MemoryStreams;
  readonly #memory: TakenElsewhere;
  readonly #own = new Map<DeliveryId, KnownAttempt>();
  readonly #running = new Map<DeliveryId, boolean>();
  readonly steps = new Map<string, number>();
  readonly #dieAt: DieAt;
  readonly #worker: NodeJS.Timeout;
  isDead = false;
  isStarted = false;
  /** It died where it was told to. */
  hasDiedThere = false;

  constructor(world: World, region: string, dieAt: DieAt) {
    this.#world = world;
    this.#dieAt = dieAt;
    this.#streams = world.of(region);
    const { automatic } = world.options;
    const remember = (deliveryId: DeliveryId, known: KnownAttempt): void => {
      if ((this.#own.get(deliveryId)?.attempt ?? 0) <= known.attempt) this.#own.set(deliveryId, known);
    };
    for (const { fact } of this.#streams.log) if (fact.type === 'attempt') remember(fact.deliveryId, fact.known);
    this.#memory = new TakenElsewhere({ of: (id) => this.#own.get(id), remember });
    this.control = new MemoryControl(world.bucket, region, automatic);
    this.controller = new TakeoverController({
      region,
      order: world.options.regions,
      control: this.control,
      permission: this.control,
      lease: automatic ? this.control : undefined,
      history: memoryHistory(this.#streams, this.step),
      facts: memoryFacts(this.#streams, this.step),
      schedules: memorySchedules(this.#streams, this.step),
      registry: {
        atLeast: async (_region, revision) => revision <= 1,
        placementOf: (tenantId) => world.placements.get(tenantId),
        isKnown: (tenantId) => !world.unknownIn.has(`${region} ${tenantId}`),
      },
      elsewhere: this.#memory,
      backlog: () => this.step('read', () => ({ waiting: this.#plans().length, underWay: this.#running.size })),
      isHealthy: () => true,
      recoveryStepMs: world.options.stepMs,
      drainTimeoutMs: 60_000,
      logger: { info: () => undefined, warn: () => undefined },
      watch: { begun: (of) => void world.begun.push(`${of} ${region}`), over: (told) => void world.told.push(told) },
      pause: (ms, signal) => this.#pause(ms, signal),
      nowMs: () => Date.now(),
    });
    this.control.aroundChange = (work) => this.step('change', work);
    this.control.poll();
    void this.controller.start().then(() => (this.isStarted = true));
    this.#worker = setInterval(() => this.#work(), WORK_EVERY_MS);
  }

  /** Everything this process does to its streams goes through here; dead, it never comes back from it. */
  readonly step: Step = async (name, work) => {
    const nth = (this.steps.get(name) ?? 0) + 1;
    this.steps.set(name, nth);
    const { when } = this.#dieAt;
    const isTheOne = this.#dieAt.name === name && this.#dieAt.nth === nth;
    if (isTheOne && when === 'before') {
      this.hasDiedThere = true;
      this.kill();
    }
    const delayMs = this.#world.delays[name] ?? 0;
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    if (this.isDead) return new Promise(() => undefined);
    const result = work();
    if (isTheOne) {
      this.hasDiedThere = true;
      this.kill();
    }
    return this.isDead ? new Promise(() => undefined) : result;
  };

  /** What it has sent and the receiver accepted, and is not in its LOG yet. */
  get acceptedInFlight(): readonly DeliveryId[] {
    return [...this.#running].flatMap(([deliveryId, isAccepted]) => (isAccepted ? [deliveryId] : []));
  }

  kill(): void {
    this.isDead = true;
    clearInterval(this.#worker);
    this.control.close();
  }

  /** A dead process never wakes up. */
  #pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        if (!this.isDead) resolve();
      };
      const timer = setTimeout(wake, ms);
      signal.addEventListener('abort', wake, { once: true });
    });
  }

  /** Plans for this region that are not settled. */
  #plans(): { readonly due: DueDelivery; readonly key: string }[] {
    return this.#streams.all().flatMap(({ stream, stored }) => {
      const key = `${stream} ${stored.seq}`;
      if (stored.fact.type !== 'plan' || stored.fact.deliverIn !== this.#streams.region || this.#streams.settled.has(key)) return [];
      return planned(stored, stream).map(({ deliveryId, eventId, tenantId, endpointId, position }) => {
        return {
          key,
          due: { v: 1, deliveryId, eventId, tenantId, endpointId, scope: 'g', attempt: 1, parked: 0, plan: position } as const,
        };
      });
    });
  }

  #work(): void {
    this.#streams.fireDue();
    if (!this.isStarted) return;
    for (const { due, key } of this.#plans()) this.#attempt(due, () => this.#streams.settled.add(key));
    for (const due of this.#streams.dues) {
      const settle = (): void => void this.#streams.dues.splice(this.#streams.dues.indexOf(due), 1);
      if (!this.#attempt(due, settle)) continue;
    }
  }

  /** As AttemptDelivery does: what is left to do, the permission, the request, the fact, the schedule, and then the message is settled. */
  #attempt(due: DueDelivery, settle: () => void): boolean {
    const { deliveryId, attempt } = due;
    if (this.#running.has(deliveryId)) return false;
    const remaining = remainingOf(attempt, this.#memory.of(deliveryId));
    if (remaining.kind === 'nothing') return (settle(), true);
    if (remaining.kind === 'schedule') {
      this.#streams.schedules.set(deliveryId, { due: { ...due, attempt: attempt + 1 }, dueMs: remaining.dueMs });
      return (settle(), true);
    }
    if (!this.controller.permission.open) return false;
    this.#world.sent.push({ deliveryId, region: this.#streams.region, attempt });
    const refusals = this.#world.refusals.get(deliveryId) ?? 0;
    this.#running.set(deliveryId, refusals <= 0);
    this.#world.refusals.set(deliveryId, refusals - 1);
    setTimeout(() => this.#record(due, refusals > 0, settle), this.#world.options.latencyMs);
    return true;
  }

  #record(due: DueDelivery, isRefused: boolean, settle: () => void): void {
    if (this.isDead) return;
    const { deliveryId, attempt } = due;
    const dueMs = Date.now() + (this.#world.retryMs.get(deliveryId) ?? 1_500 * attempt);
    const next = isRefused ? ({ kind: 'retry', at: new Date(dueMs).toISOString() } as const) : ({ kind: 'delivered' } as const);
    this.#streams.append({ type: 'attempt', deliveryId, known: { attempt, next } });
    this.#memory.remember(deliveryId, { attempt, next });
    if (isRefused) this.#streams.schedules.set(deliveryId, { due: { ...due, attempt: attempt + 1 }, dueMs });
    this.#running.delete(deliveryId);
    settle();
  }
}
