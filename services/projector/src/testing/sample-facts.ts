import { type Consequence, deliveryIdOf, type EndpointId, joinRawData, newEventId, subjects } from '@waybill/contracts';
import type { StoredMessage } from '../domain/read-fact.ts';

const START_MS = Date.UTC(2026, 0, 1);

/** Writes messages of a made-up LOG, numbered from 1 and a millisecond apart. For tests and measurements. */
export class SampleLog {
  readonly messages: StoredMessage[] = [];
  /** Whose event each number is. */
  readonly #tenants = new Map<number, string>();
  readonly stream: string;
  readonly region: string;

  constructor(region = 'local', stream = 'LOG_LOCAL') {
    this.region = region;
    this.stream = stream;
  }

  /** Event number `n` of `tenant`; the same arguments give the same event. */
  accepted(n: number, tenant = 'acme', data: unknown = { n }): string {
    const eventId = sampleEventId(n);
    this.#tenants.set(n, tenant);
    const head = { version: 3, minCompatible: 2, ...this.#head(eventId, tenant), timestamp: iso(START_MS + n) };
    this.#append(subjects.fact(this.region, 'g', 'event.accepted'), joinRawData(head, Buffer.from(JSON.stringify(data))));
    return eventId;
  }

  planned(n: number, endpoints: readonly string[], tenant = 'acme', acceptedSeq = 1): string[] {
    const eventId = sampleEventId(n);
    const deliveries = endpoints.map((endpoint) => ({ deliveryId: sampleDeliveryId(n, endpoint), endpointId: endpoint }));
    const event = { ...this.#head(eventId, tenant), timestamp: iso(START_MS + n) };
    const plan = { v: 1, event, region: this.region, acceptedSeq, registryRevision: 1, deliveries, at: this.#now() };
    this.#append(subjects.plan(this.region, 'g', this.region), joinRawData(plan, Buffer.from('{}')));
    return deliveries.map(({ deliveryId }) => deliveryId);
  }

  refused(n: number, verdict = 'reader_too_old', tenant = 'acme'): void {
    const fact = { v: 1, eventId: sampleEventId(n), tenantId: tenant, eventType: 'order.paid', verdict, detail: 'too new', version: 9 };
    this.#json('event.refused', { ...fact, region: this.region, seq: 1, at: this.#now() });
  }

  attempted(n: number, endpoint: string, attempt: number, next: Consequence): void {
    const outcome =
      next.kind === 'delivered'
        ? { kind: 'accepted', httpStatus: 200 }
        : { kind: next.kind === 'denied' ? 'rejected' : 'retryable', reason: 'http_status', detail: 'answered 500', httpStatus: 500 };
    this.#json('delivery.attempted', { ...this.#delivery(n, endpoint), attempt, durationMs: 12, outcome, next, response: 'ok' });
  }

  deliveryRefused(n: number, endpoint: string): void {
    const next = { kind: 'dead_lettered', reason: 'endpoint_deleted' };
    this.#json('delivery.refused', { ...this.#delivery(n, endpoint), next });
  }

  poison(): void {
    this.#append(subjects.fact(this.region, 'g', 'delivery.attempted'), Buffer.from('{"v":1,'));
  }

  /** Appends a copy of an earlier message, as a writer does that repeats itself after the duplicate window. */
  repeat(index: number): void {
    const message = this.messages[index];
    if (message !== undefined) this.#append(message.subject, message.body);
  }

  #head(eventId: string, tenant: string) {
    return { eventId, eventType: 'order.paid', tenantId: tenant, source: 'api', region: this.region, correlationId: eventId };
  }
  #delivery(n: number, endpoint: string) {
    const tenant = this.#tenants.get(n) ?? 'acme';
    const ids = { deliveryId: sampleDeliveryId(n, endpoint), eventId: sampleEventId(n), tenantId: tenant, endpointId: endpoint };
    return { v: 1, ...ids, region: this.region, at: this.#now() };
  }
  #json(type: 'event.refused' | 'delivery.attempted' | 'delivery.refused', fact: object): void {
    this.#append(subjects.fact(this.region, 'g', type), Buffer.from(JSON.stringify(fact)));
  }
  #append(subject: string, body: Uint8Array): void {
    const seq = this.messages.length + 1;
    this.messages.push({ subject, body, stream: this.stream, seq, timestampMs: START_MS + seq });
  }
  #now(): string {
    return iso(START_MS + this.messages.length + 1);
  }
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** The id of sample event `n`. */
export function sampleEventId(n: number): ReturnType<typeof newEventId> {
  const random = new Uint8Array(10);
  new DataView(random.buffer).setUint32(0, n);
  return newEventId(START_MS + n, random);
}

/** The id of the delivery of sample event `n` to `endpoint`. */
export const sampleDeliveryId = (n: number, endpoint: string): string => deliveryIdOf(sampleEventId(n), endpoint as EndpointId);
