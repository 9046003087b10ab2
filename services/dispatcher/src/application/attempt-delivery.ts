import {
  type AttemptOutcome,
  type Consequence,
  type DeadLetterReason,
  type DeliveryAttempted,
  type DeliveryId,
  type Endpoint,
  timeOfId,
} from '@waybill/contracts';
import { classifyResponse } from '../domain/classify-response.ts';
import { decideNext } from '../domain/decide-next.ts';
import { type DueDelivery, type KnownAttempt, remainingOf } from '../domain/delivery-task.ts';
import { signWebhook } from '../domain/standard-webhooks.ts';
import { attemptHeaders } from '../domain/webhook-headers.ts';
import type {
  AppendAttempted,
  AppendRefused,
  EndpointHealthPort,
  Enter,
  FindEndpoint,
  OnCutOff,
  ScheduleDue,
  SendResult,
} from './attempt-ports.ts';
import type { Admission, AttemptResult } from './endpoint-gate.ts';
import type { DeliveryPermission } from './permission.ts';
import type { PreparedEndpoint } from './prepare-endpoint.ts';

/** The event as it is sent: its type and the bytes of its payload. */
export interface Payload {
  readonly eventType: string;
  readonly body: Uint8Array;
}

/** Gets the payload when it is needed; undefined when the LOG does not hold it any more. */
export type LoadPayload = () => Promise<Payload | undefined>;

/**
 * What became of the work: settled for now; being done elsewhere in this process; not begun, because the region may not deliver for this tenant now;
 * or to be given back because the process stops.
 */
export type AttemptEnd = 'settled' | 'busy' | 'forbidden' | 'stopped';

/** The memory of what was done. */
export interface Memory {
  of(deliveryId: DeliveryId): KnownAttempt | undefined;
  remember(deliveryId: DeliveryId, known: KnownAttempt): void;
}

export interface AttemptDeliveryPorts {
  readonly region: string;
  readonly memory: Memory;
  readonly findEndpoint: FindEndpoint;
  /** Whether the registry says that the endpoint was removed. */
  readonly isDeleted: (tenantId: string, endpointId: string) => boolean;
  readonly prepare: (endpoint: Endpoint) => PreparedEndpoint;
  readonly permission: Pick<DeliveryPermission, 'mayDeliver' | 'mayAlways' | 'whileRunning'>;
  readonly enter: Enter;
  readonly appendAttempted: AppendAttempted;
  readonly appendRefused: AppendRefused;
  readonly scheduleDue: ScheduleDue;
  readonly health: EndpointHealthPort;
  readonly maxRetryAfterMs: number;
  readonly nowMs: () => number;
  /** In [0, 1). */
  readonly random: () => number;
}

type NotMade = 'payload_lost' | 'forbidden';
/** So long an endpoint that nobody here has heard of is waited for, counted from its event. */
const UNKNOWN_ENDPOINT_MS = 600_000;

type Place = Extract<Admission, { kind: 'admitted' }>;

/** An attempt that was made, and what it says about its endpoint. */
interface Made {
  readonly fact: DeliveryAttempted;
  readonly result: AttemptResult;
  readonly circuitOpened: boolean;
}

/** A region that is closed asks again after this, and at most so often: a schedule costs it a write. */
const PUT_OFF_MS = 5_000;
const PUT_OFF_SPACING_MS = 1;

/**
 * Makes one attempt of a delivery, or finds that it was made, must wait, or cannot be made. Order is law: the fact first, then the schedule of
 * the retry, and only then may the caller settle its message. Repeating it after a crash at any point changes nothing twice but, at worst, the send.
 */
export class AttemptDelivery {
  readonly #ports: AttemptDeliveryPorts;
  readonly #running = new Set<DeliveryId>();
  #lastPutOffMs = 0;
  #underWay = 0;

  constructor(ports: AttemptDeliveryPorts) {
    this.#ports = ports;
  }

  /** Deliveries in hand of which something may still be said, without those that are always delivered. */
  get underWay(): number {
    return this.#underWay;
  }

  async attempt(due: DueDelivery, loadPayload: LoadPayload): Promise<AttemptEnd> {
    if (this.#running.has(due.deliveryId)) return 'busy';
    this.#running.add(due.deliveryId);
    try {
      return await this.#doRemaining(due, loadPayload);
    } finally {
      this.#running.delete(due.deliveryId);
    }
  }

  /** Ends a delivery that cannot be handled, unless it ended or went on before. */
  async giveUp(due: DueDelivery): Promise<void> {
    const remaining = remainingOf(due.attempt, this.#ports.memory.of(due.deliveryId));
    if (remaining.kind === 'attempt') await this.#refuse(due, 'attempts_exhausted');
    else if (remaining.kind === 'schedule') await this.#scheduleNext(due, remaining.dueMs);
  }

  /** Has a delivery that the region may not make now come back a little later, without a mark. Many are spread out, so that they cost little. */
  async putOff(due: DueDelivery): Promise<void> {
    const nowMs = this.#ports.nowMs();
    this.#lastPutOffMs = Math.max(nowMs + PUT_OFF_MS, this.#lastPutOffMs + PUT_OFF_SPACING_MS);
    await this.#ports.scheduleDue({ ...due, notBeforeMs: due.notBeforeMs ?? nowMs }, this.#lastPutOffMs);
  }

  async #doRemaining(due: DueDelivery, loadPayload: LoadPayload): Promise<AttemptEnd> {
    const remaining = remainingOf(due.attempt, this.#ports.memory.of(due.deliveryId));
    if (remaining.kind === 'nothing') return 'settled';
    if (remaining.kind === 'attempt') return this.#tryIfAllowed(due, loadPayload);
    await this.#scheduleNext(due, remaining.dueMs);
    return 'settled';
  }

  async #tryIfAllowed(due: DueDelivery, loadPayload: LoadPayload): Promise<AttemptEnd> {
    const { permission } = this.#ports;
    if (!permission.mayDeliver(due)) return 'forbidden';
    const one = permission.mayAlways(due) ? 0 : 1;
    this.#underWay += one;
    try {
      return await this.#try(due, loadPayload);
    } finally {
      this.#underWay -= one;
    }
  }

  async #try(due: DueDelivery, loadPayload: LoadPayload): Promise<AttemptEnd> {
    const endpoint = this.#ports.findEndpoint(due.tenantId, due.endpointId);
    if (endpoint === undefined) return this.#withoutEndpoint(due);
    if (endpoint.disabled !== undefined)
      return this.#refuse(due, endpoint.disabled.reason === 'gone' ? 'endpoint_gone' : 'endpoint_disabled');
    const priority = due.attempt === 1 ? 'first' : 'retry';
    const admission = await this.#ports.enter({ endpointId: endpoint.id, priority, rateLimit: endpoint.rateLimit, parked: due.parked });
    if (admission.kind === 'stopped') return 'stopped';
    if (admission.kind === 'parked') return this.#park(due, admission.dueMs);
    const made = await this.#sendFrom(admission, due, endpoint, loadPayload);
    if (made === 'payload_lost') return this.#refuse(due, made);
    if (made === 'forbidden') return made;
    await this.#record(due, made.fact);
    if (made.result === 'succeeded') this.#ports.health.succeeded(endpoint);
    if (made.result === 'failed') this.#ports.health.failed(endpoint, made.circuitOpened);
    return 'settled';
  }

  /** Sends from the place that was given, and frees it as soon as the answer is there: recording it may have to wait for NATS. */
  async #sendFrom(place: Place, due: DueDelivery, endpoint: Endpoint, loadPayload: LoadPayload): Promise<Made | NotMade> {
    let result: AttemptResult = 'untried';
    let circuitOpened = false;
    let fact: DeliveryAttempted | undefined;
    try {
      const payload = await loadPayload();
      // Waiting for the place and for the payload took time; from here on nothing is waited for before the request is on its way.
      if (!this.#ports.permission.mayDeliver(due)) return 'forbidden';
      if (payload === undefined) return 'payload_lost';
      fact = await this.#send(due, this.#ports.prepare(endpoint), payload);
      result = resultOf(fact.outcome);
    } finally {
      ({ circuitOpened } = place.leave(result));
    }
    return { fact, result, circuitOpened };
  }

  async #send(due: DueDelivery, { headers, send, keysAt, schedule }: PreparedEndpoint, payload: Payload): Promise<DeliveryAttempted> {
    const { deliveryId, eventId, tenantId, endpointId, attempt } = due;
    const startedMs = this.#ports.nowMs();
    const timestampSeconds = Math.floor(startedMs / 1000);
    const signature = signWebhook({ id: eventId, timestampSeconds, body: payload.body }, keysAt(startedMs));
    const own = attemptHeaders({ eventId, eventType: payload.eventType, deliveryId, attempt, timestampSeconds, signature });
    const onCutOff: OnCutOff = (cut) => this.#ports.permission.whileRunning(due, cut);
    const sent = await send([...headers, ...own], payload.body, onCutOff);
    const nowMs = this.#ports.nowMs();
    const outcome = this.#outcomeOf(sent, nowMs);
    return {
      v: 1,
      deliveryId,
      eventId,
      tenantId,
      endpointId,
      attempt,
      at: new Date(startedMs).toISOString(),
      durationMs: Math.max(0, nowMs - startedMs),
      region: this.#ports.region,
      outcome,
      next: decideNext({ outcome, attempt, schedule, nowMs, random: this.#ports.random() }),
      ...(sent.kind === 'answered' && sent.excerpt !== undefined ? { response: sent.excerpt } : {}),
    };
  }

  #outcomeOf(sent: SendResult, nowMs: number): AttemptOutcome {
    if (sent.kind === 'answered') return classifyResponse(sent, nowMs, this.#ports.maxRetryAfterMs);
    const { reason, detail } = sent;
    return { kind: reason === 'egress_denied' ? 'rejected' : 'retryable', reason, detail };
  }

  async #record(due: DueDelivery, fact: DeliveryAttempted): Promise<void> {
    if (fact.outcome.kind === 'rejected' && fact.outcome.reason === 'gone') {
      const endpoint = this.#ports.findEndpoint(due.tenantId, due.endpointId);
      if (endpoint !== undefined) await this.#ports.health.gone(endpoint);
    }
    await this.#ports.appendAttempted(fact, due.scope);
    this.#ports.memory.remember(due.deliveryId, { attempt: fact.attempt, next: fact.next });
    if (fact.next.kind === 'retry') await this.#scheduleNext(due, Date.parse(fact.next.at));
  }

  /** What is neither known nor removed may have been registered in another region a moment ago, and is waited for. */
  async #withoutEndpoint(due: DueDelivery): Promise<AttemptEnd> {
    const { isDeleted, nowMs } = this.#ports;
    const ageMs = nowMs() - (timeOfId(due.eventId) ?? Number.NEGATIVE_INFINITY);
    if (isDeleted(due.tenantId, due.endpointId) || ageMs > UNKNOWN_ENDPOINT_MS) return this.#refuse(due, 'endpoint_deleted');
    await this.putOff(due);
    return 'settled';
  }

  async #refuse(due: DueDelivery, reason: DeadLetterReason): Promise<AttemptEnd> {
    const { deliveryId, eventId, tenantId, endpointId, attempt, scope } = due;
    const next = { kind: 'dead_lettered', reason } satisfies Consequence;
    const at = new Date(this.#ports.nowMs()).toISOString();
    const { region } = this.#ports;
    await this.#ports.appendRefused({ v: 1, deliveryId, eventId, tenantId, endpointId, at, region, next }, { attempt, scope });
    this.#ports.memory.remember(deliveryId, { attempt, next });
    return 'settled';
  }

  async #park(due: DueDelivery, dueMs: number): Promise<AttemptEnd> {
    // From now on the attempt may be made: by this schedule, or by its plan when that is handed out again.
    const notBeforeMs = due.notBeforeMs ?? this.#ports.nowMs();
    await this.#ports.scheduleDue({ ...due, parked: due.parked + 1, notBeforeMs }, dueMs);
    return 'settled';
  }

  #scheduleNext(due: DueDelivery, dueMs: number): Promise<void> {
    return this.#ports.scheduleDue({ ...due, attempt: due.attempt + 1, parked: 0, notBeforeMs: dueMs }, dueMs);
  }
}

/** Whether the endpoint did well. It is not to blame for what the egress guard refused or the fence cut off. */
function resultOf(outcome: AttemptOutcome): AttemptResult {
  if (outcome.kind === 'accepted') return 'succeeded';
  return outcome.reason === 'egress_denied' || outcome.reason === 'fenced' ? 'untried' : 'failed';
}
