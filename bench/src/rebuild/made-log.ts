import { deliveryIdOf, joinRawData, newEndpointId, newEventId, subjects } from '@waybill/contracts';
import type { OutgoingMessage } from '@waybill/transport';

const TENANTS = 5;
const ENDPOINTS = 20;
/** Every so many deliveries one is dead, and every so many one needs a second attempt. */
const DEAD_EVERY = 200;
const RETRIED_EVERY = 50;
/** How many events later a retry comes. */
const RETRIED_LATER = 500;
/** Of the first event; one comes every millisecond. */
const START_MS = Date.UTC(2026, 0, 1);

/** The facts that event `n` adds to a region's log, as the services write them: accepted, planned, attempted; and what became of an earlier one's retry. */
export function factsOf(n: number, region: string): OutgoingMessage[] {
  const messages = [accepted(n, region), planned(n, region), attempted(n, region, 1)];
  const earlier = n - RETRIED_LATER;
  return earlier >= 0 && isRetried(earlier) ? [...messages, attempted(earlier, region, 2)] : messages;
}

const isRetried = (n: number): boolean => n % RETRIED_EVERY === 0;
const isDead = (n: number): boolean => n % DEAD_EVERY === 1;
const iso = (n: number): string => new Date(START_MS + n).toISOString();

function eventIdOf(n: number) {
  const random = new Uint8Array(10);
  new DataView(random.buffer).setUint32(2, Math.imul(n + 1, 2_654_435_761) >>> 0);
  new DataView(random.buffer).setUint32(6, n);
  return newEventId(START_MS + n, random);
}

const endpointOf = (n: number) => newEndpointId(START_MS + (n % ENDPOINTS), new Uint8Array(10));

const headOf = (n: number, region: string) => ({
  eventId: eventIdOf(n),
  eventType: n % 3 === 0 ? 'order.paid' : 'order.shipped',
  tenantId: `tenant-${n % TENANTS}`,
  source: 'webhook',
  region,
  correlationId: eventIdOf(n),
  timestamp: iso(n),
});

const DATA = Buffer.from(JSON.stringify({ note: 'x'.repeat(480) }));

function accepted(n: number, region: string): OutgoingMessage {
  const head = { version: 3, minCompatible: 2, ...headOf(n, region) };
  return { subject: subjects.fact(region, 'g', 'event.accepted'), body: joinRawData(head, DATA), msgId: `a${n}` };
}

function planned(n: number, region: string): OutgoingMessage {
  const deliveries = [{ deliveryId: deliveryIdOf(eventIdOf(n), endpointOf(n)), endpointId: endpointOf(n) }];
  const plan = { v: 1, event: headOf(n, region), region, acceptedSeq: 3 * n + 1, registryRevision: 7, deliveries, at: iso(n) };
  return { subject: subjects.plan(region, 'g', region), body: joinRawData(plan, DATA), msgId: `p${n}` };
}

function attempted(n: number, region: string, attempt: number): OutgoingMessage {
  const ids = { deliveryId: deliveryIdOf(eventIdOf(n), endpointOf(n)), eventId: eventIdOf(n), tenantId: `tenant-${n % TENANTS}` };
  const fact = {
    v: 1,
    ...ids,
    endpointId: endpointOf(n),
    attempt,
    at: iso(n),
    durationMs: 12,
    region,
    ...outcomeOf(n, attempt),
    response: 'ok',
  };
  return { subject: subjects.fact(region, 'g', 'delivery.attempted'), body: JSON.stringify(fact), msgId: `t${n}.${attempt}` };
}

function outcomeOf(n: number, attempt: number): object {
  const failed = { kind: 'retryable', reason: 'http_status', detail: 'answered 500', httpStatus: 500 };
  if (isDead(n)) return { outcome: failed, next: { kind: 'dead_lettered', reason: 'attempts_exhausted' } };
  if (attempt === 1 && isRetried(n)) return { outcome: failed, next: { kind: 'retry', at: iso(n + RETRIED_LATER) } };
  return { outcome: { kind: 'accepted', httpStatus: 200 }, next: { kind: 'delivered' } };
}
