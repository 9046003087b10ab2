import {
  assertNever,
  type Consequence,
  type DeadLetterReason,
  type DeliveryAttempted,
  type DeliveryId,
  type DueDelivery,
  type DeliveryRefused,
  recordedContext,
} from '@waybill/contracts';
import { type KnownAttempt, remainingOf } from '../domain/delivery-task.ts';
import { dueAfter } from '../domain/due-after.ts';
import { owedSinceMs } from '../domain/owed-since.ts';
import { isDispatch } from '../domain/dispatch/dispatch-endpoint.ts';
import { placeOfAttempt, type TracePlace, type TracePlaces } from '../domain/trace-place.ts';
import type {
  AppendAttempted,
  AppendRefused,
  EndpointHealthPort,
  Enter,
  FindEndpoint,
  ScheduleDue,
  WatchAttempts,
} from './attempt-ports.ts';
import type { Channel, Sending, Sent, Told } from './channel.ts';
import type { Admission, AttemptResult } from './endpoint-gate.ts';
import type { OrderedLanes } from './ordering/ordered-lanes.ts';
import type { LoadPayload, Payload } from './payload.ts';
import type { DeliveryPermission } from './permission.ts';
import { Postponement } from './postponement.ts';
import { WebhookChannel, type WebhookChannelPorts } from './send-webhook.ts';
import { sendWhole, type WholePorts } from './send-whole.ts';

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

export interface AttemptDeliveryPorts extends WebhookChannelPorts, WholePorts {
  readonly region: string;
  readonly lanes: Pick<OrderedLanes, 'turn' | 'isFarBehind' | 'parked' | 'over'>;
  readonly memory: Memory;
  readonly findEndpoint: FindEndpoint;
  /** Whether the registry says that the endpoint was removed. */
  readonly isDeleted: (tenantId: string, endpointId: string) => boolean;
  /** How workflow dispatches go out. */
  readonly dispatches: Channel;
  readonly permission: Pick<DeliveryPermission, 'mayDeliver' | 'mayAlways' | 'whileRunning'>;
  readonly enter: Enter;
  readonly appendAttempted: AppendAttempted;
  readonly appendRefused: AppendRefused;
  readonly scheduleDue: ScheduleDue;
  readonly health: EndpointHealthPort;
  /** Absent: nothing is recorded. */
  readonly places?: TracePlaces | undefined;
  readonly watch?: WatchAttempts | undefined;
}

/** So long an endpoint that nobody here has heard of is waited for, counted from when the delivery can first have been owed. */
const UNKNOWN_ENDPOINT_MS = 600_000;

type Place = Extract<Admission, { kind: 'admitted' }>;

/** A delivery that is to be sent, and how. `payload`: as it was loaded last. */
interface Wanted extends Pick<Sending, 'due' | 'endpoint'> {
  readonly channel: Channel;
  payload?: Payload | undefined;
}

/** What became of a delivery that had a place. */
interface Made {
  readonly told: Told;
  readonly circuitOpened: boolean;
  readonly trace: TracePlace | undefined;
}

const FORBIDDEN: Told = { kind: 'forbidden' };
const PAYLOAD_LOST: Told = { kind: 'payload_lost' };

/**
 * Makes one attempt of a delivery, or finds that it was made, must wait, or cannot be made. Order is law: the fact first, then the schedule of
 * the retry, and only then may the caller settle its message. Repeating it after a crash at any point changes nothing twice but, at worst, the send.
 */
export class AttemptDelivery {
  readonly #ports: AttemptDeliveryPorts;
  readonly #webhooks: Channel;
  readonly #postponement: Postponement;
  readonly #running = new Set<DeliveryId>();
  #underWay = 0;

  constructor(ports: AttemptDeliveryPorts) {
    this.#ports = ports;
    this.#webhooks = new WebhookChannel(ports);
    this.#postponement = new Postponement(ports);
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
    else if (remaining.kind === 'schedule') await this.#postponement.retry(due, remaining.dueMs);
    else this.#ports.lanes.over(due);
  }

  /** Puts a delivery off again that would only find that others come first, before anything is read for it. Resolves with whether it did. */
  async putBehind(due: DueDelivery): Promise<boolean> {
    if (due.order === undefined || due.attempt > 1 || due.skip === true || this.#running.has(due.deliveryId)) return false;
    const endpoint = this.#ports.findEndpoint(due.tenantId, due.endpointId);
    if (endpoint?.ordering !== 'fifo' || endpoint.disabled !== undefined || !this.#ports.lanes.isFarBehind(due)) return false;
    await this.#postponement.parkBehind(due);
    return true;
  }

  /** See Postponement. */
  putOff(due: DueDelivery): Promise<void> {
    return this.#postponement.putOff(due);
  }

  async #doRemaining(due: DueDelivery, loadPayload: LoadPayload): Promise<AttemptEnd> {
    const remaining = remainingOf(due.attempt, this.#ports.memory.of(due.deliveryId));
    if (remaining.kind === 'nothing') {
      this.#ports.lanes.over(due);
      return 'settled';
    }
    if (remaining.kind === 'attempt') return this.#tryIfAllowed(due, loadPayload);
    await this.#postponement.retry(due, remaining.dueMs);
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
    if (due.skip === true) return this.#refuse(due, 'skipped');
    const endpoint = this.#ports.findEndpoint(due.tenantId, due.endpointId);
    if (endpoint === undefined) return this.#withoutEndpoint(due);
    if (endpoint.disabled !== undefined)
      return this.#refuse(due, endpoint.disabled.reason === 'gone' ? 'endpoint_gone' : 'endpoint_disabled');
    const channel = isDispatch(due.endpointId) ? this.#ports.dispatches : this.#webhooks;
    const what: Wanted = { due, endpoint, channel };
    const load: LoadPayload = async () => (what.payload = await loadPayload());
    const early = await channel.before?.({ due, loadPayload: load, mayDeliver: () => this.#mayDeliver(due) });
    return early === undefined ? this.#enter(what, load) : this.#conclude(what, early);
  }

  async #enter(what: Wanted, loadPayload: LoadPayload): Promise<AttemptEnd> {
    const { due, endpoint } = what;
    const isOrdered = due.order !== undefined && endpoint.ordering === 'fifo';
    const turn = isOrdered ? await this.#ports.lanes.turn(due) : 'go';
    if (turn === 'stopped') return 'stopped';
    if (turn === 'behind') return settledBy(this.#postponement.parkBehind(due));
    // What a job sends again must not keep what is live waiting.
    const priority = due.attempt === 1 && due.replay === undefined ? 'first' : 'retry';
    const admission = await this.#ports.enter({ endpointId: endpoint.id, priority, rateLimit: endpoint.rateLimit, parked: due.parked });
    if (admission.kind === 'stopped') return 'stopped';
    if (admission.kind === 'parked') return settledBy(this.#postponement.park(due, admission));
    const { told, circuitOpened, trace } = await this.#sendFrom(admission, what, loadPayload);
    const end = await this.#conclude(what, told, trace);
    if (told.kind === 'sent' && told.result === 'succeeded') this.#ports.health.succeeded(endpoint);
    if (told.kind === 'sent' && told.result === 'failed') this.#ports.health.failed(endpoint, circuitOpened);
    return end;
  }

  #mayDeliver(due: DueDelivery): boolean {
    return this.#ports.permission.mayDeliver(due);
  }

  /** Sends from the place that was given, and frees it as soon as the answer is there: recording it may have to wait for NATS. */
  async #sendFrom(place: Place, what: Wanted, loadPayload: LoadPayload): Promise<Made> {
    const { due, endpoint, channel } = what;
    let result: AttemptResult = 'untried';
    let circuitOpened = false;
    let told: Told;
    let trace: TracePlace | undefined;
    try {
      const payload = await loadPayload();
      // Waiting for the place and for the payload took time; from here on nothing is waited for before the request is on its way.
      if (!this.#mayDeliver(due)) told = FORBIDDEN;
      else if (payload === undefined) told = PAYLOAD_LOST;
      else {
        trace = this.#placeOf(due, this.#ports.nowMs());
        told = await sendWhole(this.#ports, channel, { due, endpoint, payload, trace, ...this.#whileIt(due) });
      }
      if (told.kind === 'sent') result = told.result;
    } finally {
      ({ circuitOpened } = place.leave(result));
    }
    return { told, circuitOpened, trace };
  }

  #placeOf(due: DueDelivery, startedMs: number): TracePlace | undefined {
    const { places } = this.#ports;
    return places === undefined || due.trace === undefined ? undefined : placeOfAttempt(places, due, startedMs);
  }

  #whileIt(due: DueDelivery): Pick<Sending, 'mayDeliver' | 'onCutOff'> {
    return { mayDeliver: () => this.#mayDeliver(due), onCutOff: (cut) => this.#ports.permission.whileRunning(due, cut) };
  }

  async #conclude(what: Wanted, told: Told, trace?: TracePlace): Promise<AttemptEnd> {
    const { due } = what;
    switch (told.kind) {
      case 'sent':
        await this.#record(what, told, trace);
        return 'settled';
      case 'parked':
        return settledBy(this.#postponement.park(due, told));
      case 'payload_lost':
        return this.#refuse(due, 'payload_lost');
      case 'forbidden':
      case 'stopped':
        return told.kind;
      default:
        return assertNever(told);
    }
  }

  async #record({ due, endpoint, payload }: Wanted, sent: Sent, given: TracePlace | undefined): Promise<void> {
    const { startedMs, endedMs, outcome, next, response, phases } = sent;
    if (outcome.kind === 'rejected' && outcome.reason === 'gone') await this.#goneNow(due);
    const trace = given ?? this.#placeOf(due, startedMs);
    const { deliveryId, eventId, tenantId, endpointId, attempt } = due;
    const at = new Date(startedMs).toISOString();
    const times = { at, durationMs: Math.max(0, endedMs - startedMs) };
    const of = { v: 1, deliveryId, eventId, tenantId, endpointId, attempt, ...times, region: this.#ports.region } as const;
    const seen = { ...(phases === undefined ? {} : { phases }), ...(response === undefined ? {} : { response }) };
    const fact: DeliveryAttempted = { ...of, outcome, next, ...seen };
    await this.#ports.appendAttempted(fact, due.scope, trace?.context);
    this.#ports.memory.remember(deliveryId, { attempt, next });
    this.#ports.watch?.attempted({ fact, due, endpoint, payload, trace });
    if (next.kind === 'retry')
      await this.#postponement.retry(dueAfter(due, { outcome, endedMs, trace: trace?.context }), Date.parse(next.at));
    else this.#ports.lanes.over(due);
  }

  async #goneNow({ tenantId, endpointId }: DueDelivery): Promise<void> {
    const endpoint = this.#ports.findEndpoint(tenantId, endpointId);
    if (endpoint !== undefined) await this.#ports.health.gone(endpoint);
  }

  /** What is neither known nor removed may have been registered in another region a moment ago, and is waited for. */
  async #withoutEndpoint(due: DueDelivery): Promise<AttemptEnd> {
    const { isDeleted, nowMs } = this.#ports;
    const ageMs = nowMs() - (owedSinceMs(due) ?? Number.NEGATIVE_INFINITY);
    if (isDeleted(due.tenantId, due.endpointId) || ageMs > UNKNOWN_ENDPOINT_MS) return this.#refuse(due, 'endpoint_deleted');
    return settledBy(this.#postponement.putOff(due));
  }

  async #refuse(due: DueDelivery, reason: DeadLetterReason): Promise<AttemptEnd> {
    const { deliveryId, eventId, tenantId, endpointId, attempt, scope } = due;
    const next = { kind: 'dead_lettered', reason } satisfies Consequence;
    const at = new Date(this.#ports.nowMs()).toISOString();
    const { region } = this.#ports;
    const fact: DeliveryRefused = { v: 1, deliveryId, eventId, tenantId, endpointId, at, region, next };
    await this.#ports.appendRefused(fact, { attempt, scope, trace: recordedContext(due.trace ?? '') });
    this.#ports.memory.remember(deliveryId, { attempt, next });
    this.#ports.watch?.refused(fact, due);
    this.#ports.lanes.over(due);
    return 'settled';
  }
}

async function settledBy(done: Promise<void>): Promise<AttemptEnd> {
  await done;
  return 'settled';
}
