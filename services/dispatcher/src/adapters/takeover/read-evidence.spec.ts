import {
  deliveryIdOf,
  type EndpointId,
  HEADERS,
  joinRawData,
  newEventId,
  type PlanHead,
  subjects,
  type TenantId,
} from '@waybill/contracts';
import type { Incoming } from '@waybill/transport';
import { expect, it } from 'vitest';
import { readEvidence } from './read-evidence.ts';

const NOW_MS = Date.parse('2026-11-21T10:00:00.000Z');
const at = new Date(NOW_MS).toISOString();
const eventId = newEventId(NOW_MS, new Uint8Array(10));
const endpointId = 'ep_1' as EndpointId;

function plan(traceparent: string): Incoming {
  const about = { eventId, eventType: 'a.b', tenantId: 'acme' as TenantId, source: 'api', region: 'us', timestamp: at, correlationId: 'c' };
  const deliveries = [{ deliveryId: deliveryIdOf(eventId, endpointId), endpointId }];
  const head: PlanHead = { v: 1, event: about, region: 'us', acceptedSeq: 1, registryRevision: 1, deliveries, at };
  return {
    subject: subjects.plan('us', 'g', 'us'),
    body: joinRawData(head, Buffer.from('{}')),
    stream: 'PEERS_EU',
    seq: 7,
    deliveryCount: 1,
    timestampMs: NOW_MS,
    header: (name) => (name === HEADERS.traceparent ? traceparent : ''),
  };
}

it('a copied plan says where it was made, so that what is delivered in its place stays in the trace', () => {
  const trace = `00-${'1'.repeat(32)}-${'a'.repeat(16)}-01`;
  expect(readEvidence(plan(trace))).toMatchObject({ kind: 'plan', by: 'us', deliveries: [{ endpointId, trace, position: { seq: 7 } }] });
  const [unrecorded] = [readEvidence(plan(''))].flatMap((fact) => (fact?.kind === 'plan' ? fact.deliveries : []));
  expect(unrecorded).not.toHaveProperty('trace');
});
