import {
  type DeliveryId,
  deliveryIdOf,
  type DueDelivery,
  type EndpointId,
  endpointSchema,
  joinRawData,
  newEventId,
  type TenantId,
} from '@waybill/contracts';
import type { KnownAttempt } from '../../../domain/delivery-task.ts';
import { AttemptDelivery } from '../../attempt-delivery.ts';
import type { ScheduleDue, SendResult } from '../../attempt-ports.ts';
import { deliverPlan, duesOf, type MessageEnd, type PlanMessage, readPlan } from '../../deliver-plan.ts';
import type { Admission } from '../../endpoint-gate.ts';
import { OwnOutput } from '../../own-output.ts';
import { ALWAYS_OPEN, DeliveryPermission } from '../../permission.ts';
import { retryDue } from '../../retry-due.ts';
import { OrderedLanes } from '../ordered-lanes.ts';

const [tenantId, endpointId] = ['acme' as TenantId, 'ep_1' as EndpointId];
const START = new Date(0).toISOString();
const ENDPOINT = endpointSchema.parse({
  id: endpointId,
  tenantId,
  url: 'https://example.com',
  ordering: 'fifo',
  secrets: [{ key: `whsec_${'A'.repeat(32)}` }],
  createdAt: START,
  updatedAt: START,
});
/** What was handed out to a process that died comes again after this. */
const ACK_WAIT_MS = 15_000;
const FIRES_EVERY_MS = 1_000;

/** What a delivery goes through before it is accepted, and how long each answer takes. */
export interface Fate {
  readonly refusals: number;
  readonly latencyMs: number;
  /** How often its plan is given back before anything is done. */
  readonly again: number;
}

interface Message<Body> {
  readonly body: Body;
  isSettled: boolean;
  /** Not handed out before that. */
  fromMs: number;
  deliveryCount: number;
}

/** A region's streams and a receiver, as processes find and leave them. Time is the fake one of vitest. */
export class LaneWorld {
  readonly plans: Message<PlanMessage>[] = [];
  readonly dues: Message<Uint8Array>[] = [];
  readonly schedules = new Map<DeliveryId, { due: DueDelivery; dueMs: number }>();
  readonly facts = new Map<DeliveryId, KnownAttempt>();
  /** Requests in the order in which they began: the lane and the number of the event. */
  readonly began: { readonly key: string; readonly n: number; readonly process: LaneProcess }[] = [];
  readonly fates = new Map<DeliveryId, Fate>();
  readonly left = new Map<DeliveryId, { refusals: number; again: number }>();
  /** Requests that began while another one of their lane was under way in the same process. */
  overlaps = 0;

  plan(key: string | undefined, fate: Fate): DeliveryId {
    const n = this.plans.length + 1;
    const eventId = newEventId(Date.now(), Buffer.from(String(n).padStart(10, '0')));
    const deliveryId = deliveryIdOf(eventId, endpointId);
    const about = { eventId, eventType: 'a.b', tenantId, source: 'api', region: 'us', timestamp: START, correlationId: eventId };
    const event = { ...about, ...(key === undefined ? {} : { orderingKey: key }) };
    const head = { v: 1, event, region: 'us', acceptedSeq: n, registryRevision: 0, deliveries: [{ deliveryId, endpointId }], at: START };
    const body = joinRawData(head, Buffer.from(JSON.stringify({ key, n })));
    const message = { stream: 'LOG_US', seq: n, subject: 'wb.us.g.plan.made.us', body, deliveryCount: 1 };
    this.plans.push({ body: message, isSettled: false, fromMs: 0, deliveryCount: 0 });
    this.fates.set(deliveryId, fate);
    this.left.set(deliveryId, { ...fate });
    return deliveryId;
  }

  hasEnded(deliveryId: DeliveryId): boolean {
    const known = this.facts.get(deliveryId);
    return known !== undefined && known.next.kind !== 'retry';
  }

  get isQuiet(): boolean {
    return [...this.plans, ...this.dues].every(({ isSettled }) => isSettled) && this.schedules.size === 0;
  }

  fire(): void {
    for (const [deliveryId, { due, dueMs }] of this.schedules) {
      if (dueMs > Date.now()) continue;
      this.schedules.delete(deliveryId);
      this.dues.push({ body: Buffer.from(JSON.stringify(due)), isSettled: false, fromMs: 0, deliveryCount: 0 });
    }
  }
}

/** One process; killed, nothing that it does has an effect any more. */
export class LaneProcess {
  readonly world: LaneWorld;
  readonly #lanes: OrderedLanes;
  readonly #attempts: AttemptDelivery;
  readonly #held = new Set<Message<unknown>>();
  readonly #underWay = new Map<string, number>();
  readonly #timers: NodeJS.Timeout[] = [];
  #isDead = false;

  constructor(world: LaneWorld) {
    this.world = world;
    const memory = new OwnOutput();
    for (const [deliveryId, known] of world.facts) memory.remember(deliveryId, known);
    this.#lanes = new OrderedLanes({
      memory,
      isWanted: () => true,
      readScheduled: async (visit) => {
        await this.#takes(5);
        for (const { due } of world.schedules.values()) visit(due);
        for (const { body } of world.dues.filter(({ isSettled }) => !isSettled)) visit(JSON.parse(Buffer.from(body).toString()));
      },
      readHandedOut: async (visit) => {
        await this.#takes(5);
        const firstOpen = world.plans.findIndex(({ isSettled }) => !isSettled);
        const handedOut = world.plans.slice(Math.max(0, firstOpen)).filter(({ deliveryCount }) => deliveryCount > 0);
        for (const { body } of firstOpen < 0 ? [] : handedOut) {
          const plan = readPlan(body.body);
          for (const due of plan === undefined ? [] : duesOf(plan.head, body)) if (due.order !== undefined) visit(due);
        }
      },
      wake: async (deliveryId) => {
        await this.#takes(2);
        const pending = world.schedules.get(deliveryId);
        if (pending !== undefined) await this.#schedule(pending.due, Date.now());
      },
      onFailure: (error) => {
        throw error;
      },
      mayWait: 3,
      waitMs: 1_000,
      after: (ms, call) => {
        const timer = setTimeout(call, ms);
        return () => clearTimeout(timer);
      },
    });
    this.#attempts = this.#makeAttempts(memory);
  }

  async start(): Promise<void> {
    for (const message of [...this.world.plans, ...this.world.dues]) {
      if (!message.isSettled && message.deliveryCount > 0) message.fromMs = Date.now() + ACK_WAIT_MS;
    }
    await this.#lanes.load();
    this.#timers.push(
      setInterval(() => this.#handOut(), 100),
      setInterval(() => this.world.fire(), FIRES_EVERY_MS),
    );
    this.#timers.push(setInterval(() => void this.#lanes.verify(), 300_000));
  }

  /** Loses the connection and what was on its way to it, and has it back. */
  async reconnect(): Promise<void> {
    for (const message of this.world.plans) {
      if (message.isSettled || this.#held.has(message)) continue;
      message.deliveryCount += 1;
      message.fromMs = Date.now() + ACK_WAIT_MS;
    }
    await this.#lanes.recall(Promise.resolve());
  }

  kill(): void {
    this.#isDead = true;
    for (const timer of this.#timers) clearInterval(timer);
  }

  #handOut(): void {
    for (const message of this.world.plans.filter((one) => !one.isSettled)) {
      void this.#handle(message, () => this.#deliverPlan({ ...message.body, deliveryCount: message.deliveryCount }));
    }
    for (const message of this.world.dues.filter((one) => !one.isSettled))
      void this.#handle(message, () => retryDue(this.#duePorts(), message.body));
  }

  async #handle(message: Message<unknown>, work: () => Promise<MessageEnd>): Promise<void> {
    if (message.isSettled || this.#held.has(message) || message.fromMs > Date.now()) return;
    this.#held.add(message);
    message.deliveryCount += 1;
    const end = await work();
    this.#held.delete(message);
    if (this.#isDead) return;
    if (end.kind === 'again') message.fromMs = Date.now() + end.delayMs;
    else message.isSettled = true;
  }

  #deliverPlan(message: PlanMessage): Promise<MessageEnd> {
    const { left } = this.world;
    const ready = async (): Promise<boolean> => {
      const deliveryId = readPlan(message.body)?.head.deliveries[0]?.deliveryId;
      const own = deliveryId === undefined ? undefined : left.get(deliveryId);
      if (own === undefined || own.again === 0) return true;
      own.again -= 1;
      return false;
    };
    return deliverPlan({ ...this.#duePorts(), recovered: () => this.#takes(1), registryAtLeast: ready, isKnown: () => true }, message);
  }

  #duePorts() {
    return {
      attempts: this.#attempts,
      lanes: this.#lanes,
      covered: () => this.#takes(1),
      readMessage: async (_stream: string, seq: number) => this.world.plans[seq - 1]?.body.body,
      findPlan: async () => [],
    };
  }

  #makeAttempts(memory: OwnOutput): AttemptDelivery {
    const { world } = this;
    return new AttemptDelivery({
      region: 'us',
      lanes: this.#lanes,
      memory,
      findEndpoint: () => ENDPOINT,
      isDeleted: () => false,
      dispatches: { send: () => Promise.reject(new Error('no dispatch is expected')) },
      prepare: () => ({
        endpoint: ENDPOINT,
        headers: [],
        schedule: [3_000, 20_000, 50_000],
        keysAt: () => [],
        send: (headers, body) => this.#send(headers, body),
      }),
      permission: new DeliveryPermission(ALWAYS_OPEN, () => undefined),
      enter: async () => this.#admit(),
      appendAttempted: async ({ deliveryId, attempt, next }) => {
        await this.#takes(3);
        world.facts.set(deliveryId, { attempt, next });
      },
      appendRefused: async ({ deliveryId, next }) => {
        await this.#takes(3);
        world.facts.set(deliveryId, { attempt: Number.MAX_SAFE_INTEGER, next });
      },
      scheduleDue: (due, dueMs) => {
        this.#lanes.note(due);
        return this.#schedule(due, dueMs);
      },
      health: { gone: async () => undefined, succeeded: () => undefined, failed: () => undefined },
      holdBody: () => Promise.reject(new Error('no large payload is expected')),
      maxRetryAfterMs: 1_000,
      nowMs: () => Date.now(),
      random: () => 0,
    });
  }

  readonly #schedule: ScheduleDue = async (due, dueMs) => {
    await this.#takes(3);
    this.world.schedules.set(due.deliveryId, { due, dueMs });
  };

  #parksLeft = 0;

  #admit(): Admission {
    // Every fifth one is put off by the gate.
    this.#parksLeft += 1;
    if (this.#parksLeft % 5 === 0) return { kind: 'parked', reason: 'busy', dueMs: Date.now() + 1_500 };
    return { kind: 'admitted', leave: () => ({ circuitOpened: false }) };
  }

  async #send(headers: readonly string[], body: Uint8Array): Promise<SendResult> {
    const { key, n }: { key: string; n: number } = JSON.parse(Buffer.from(body).toString());
    const deliveryId = [...this.world.left.keys()].find((id) => headers.includes(id));
    const own = deliveryId === undefined ? undefined : this.world.left.get(deliveryId);
    const fate = deliveryId === undefined ? undefined : this.world.fates.get(deliveryId);
    if (own === undefined || fate === undefined) throw new Error('a delivery of nobody');
    const before = this.#underWay.get(key) ?? 0;
    if (before > 0 && key !== undefined) this.world.overlaps += 1;
    this.#underWay.set(key, before + 1);
    this.world.began.push({ key, n, process: this });
    await this.#takes(fate.latencyMs);
    this.#underWay.set(key, (this.#underWay.get(key) ?? 1) - 1);
    own.refusals -= 1;
    return { kind: 'answered', status: own.refusals >= 0 ? 500 : 204 };
  }

  /** Takes time; never ends in a process that is dead by then. */
  async #takes(ms: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, ms));
    if (this.#isDead) await new Promise(() => undefined);
  }
}
