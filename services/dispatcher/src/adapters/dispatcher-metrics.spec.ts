import {
  type AttemptOutcome,
  type Consequence,
  type DeliveryAttempted,
  deliveryIdOf,
  type EndpointId,
  githubEndpointId,
  newEventId,
  type TenantId,
} from '@waybill/contracts';
import { Metrics } from '@waybill/runtime';
import { describe, expect, it, vi } from 'vitest';
import { EndpointGate } from '../application/endpoint-gate.ts';
import { DEFAULT_CIRCUIT_POLICY } from '../domain/circuit.ts';
import { dispatcherMetrics } from './dispatcher-metrics.ts';
import type { ReadRegion } from './region-gauges.ts';

const NOW_MS = Date.parse('2026-11-21T10:00:00.000Z');
const at = new Date(NOW_MS).toISOString();
const QUIET: ReadRegion = { isBusUp: true, inFlight: 0, waiting: [], openCircuits: 0, writesWaiting: 0, pending: async () => [] };
const FAILED: AttemptOutcome = { kind: 'retryable', reason: 'timeout', detail: 'no answer' };
const RETRY: Consequence = { kind: 'retry', at };

function measured(read: (region: string) => Partial<ReadRegion> | undefined = () => ({}), order = ['us'], regions = ['us']) {
  const metrics = new Metrics({ isOn: true });
  const reading = (region: string): ReadRegion | undefined => {
    const now = read(region);
    return now && { ...QUIET, ...now };
  };
  const counts = dispatcherMetrics(metrics, { regions, order, read: reading })('us');
  const lines = async (name: string): Promise<string[]> => (await metrics.text()).split('\n').filter((line) => line.startsWith(name));
  return { counts, lines, text: () => metrics.text() };
}

function fact(outcome: AttemptOutcome, next: Consequence, more: Partial<DeliveryAttempted> = {}): DeliveryAttempted {
  const endpointId = 'ep_1' as EndpointId;
  const eventId = newEventId(NOW_MS - 250, new Uint8Array(10));
  const ids = { deliveryId: deliveryIdOf(eventId, endpointId), eventId, tenantId: 'acme' as TenantId, endpointId };
  return { v: 1, ...ids, attempt: 1, at, durationMs: 40, region: 'us', outcome, next, ...more };
}

describe('the metrics of a dispatcher', () => {
  it('count attempts by what they gave, and deliveries by how they end', async () => {
    const { counts, lines } = measured();
    counts.attempted(fact({ kind: 'accepted', httpStatus: 204 }, { kind: 'delivered' }), false);
    counts.attempted(fact(FAILED, RETRY, { attempt: 2 }), false);
    const github = githubEndpointId('acme', 'target', 'cd.yml');
    counts.attempted(fact(FAILED, { kind: 'dead_lettered', reason: 'attempts_exhausted' }, { endpointId: github, attempt: 3 }), false);
    const { deliveryId, eventId, tenantId, endpointId } = fact(FAILED, RETRY);
    const refused = { v: 1, deliveryId, eventId, tenantId, endpointId, at, region: 'us' } as const;
    counts.refused({ ...refused, next: { kind: 'dead_lettered', reason: 'skipped' } });
    counts.eventRefused('poison');
    const counted = async (name: string): Promise<string[]> => (await lines(name)).filter((line) => !line.endsWith(' 0'));
    expect(await counted('waybill_delivery_attempts_total')).toEqual([
      'waybill_delivery_attempts_total{region="us",channel="http",outcome="accepted",reason="none"} 1',
      'waybill_delivery_attempts_total{region="us",channel="http",outcome="retryable",reason="timeout"} 1',
      'waybill_delivery_attempts_total{region="us",channel="github",outcome="retryable",reason="timeout"} 1',
    ]);
    expect(await counted('waybill_delivery_ends_total')).toEqual([
      'waybill_delivery_ends_total{region="us",channel="http",end="delivered"} 1',
      'waybill_delivery_ends_total{region="us",channel="http",end="dead_lettered"} 1',
      'waybill_delivery_ends_total{region="us",channel="github",end="dead_lettered"} 1',
    ]);
    expect((await counted('waybill_dlq_messages_total')).map((line) => /reason="(.*)"/.exec(line)?.[1])).toEqual([
      'attempts_exhausted',
      'skipped',
      'poison',
    ]);
  });

  it('tell of one region what another one, whose NATS takes long to say it, keeps back', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    const pending = { us: () => new Promise<never>(() => undefined), eu: async () => [{ consumer: 'dispatcher_plans', messages: 3 }] };
    const { text } = measured((region) => ({ pending: region === 'eu' ? pending.eu : pending.us }), ['us', 'eu'], ['us', 'eu']);
    const shown = text();
    await vi.advanceTimersByTimeAsync(1_000);
    vi.useRealTimers();
    expect(await shown).toContain('waybill_consumer_pending{region="eu",consumer="dispatcher_plans"} 3\n');
  });

  it('measure from the acceptance to the end of the first attempt, of what no job made', async () => {
    const { counts, lines } = measured();
    counts.attempted(fact(FAILED, RETRY), false);
    counts.attempted(fact(FAILED, RETRY), true);
    counts.attempted(fact(FAILED, RETRY, { attempt: 2 }), false);
    counts.attempted(fact(FAILED, RETRY, { at: new Date(NOW_MS - 1_000).toISOString() }), false);
    expect(await lines('waybill_worker_processing_duration_seconds_sum')).toEqual([
      'waybill_worker_processing_duration_seconds_sum{region="us"} 0.29',
    ]);
    expect(await lines('waybill_worker_processing_duration_seconds_count')).toEqual([
      'waybill_worker_processing_duration_seconds_count{region="us"} 2',
    ]);
  });

  it('have no more series than before after ten thousand endpoints and tenants', async () => {
    const gate = new EndpointGate({
      endpointConcurrency: 1,
      queueLength: 4,
      queueWaitMs: 60_000,
      concurrency: 10,
      retryShare: 1,
      circuit: DEFAULT_CIRCUIT_POLICY,
      nowMs: () => NOW_MS,
      random: () => 0,
    });
    const { counts, lines, text } = measured(() => ({
      waiting: gate.waiting,
      openCircuits: gate.openCircuits,
      inFlight: gate.size.inFlight,
    }));
    const series = async (): Promise<number> => (await text()).split('\n').filter((line) => line.startsWith('waybill_')).length;
    const before = await series();
    for (let n = 0; n < 10_000; n += 1) {
      const endpointId = `ep_${n}` as EndpointId;
      for (let asked = 0; asked <= (n < 30 ? 3 : 1); asked += 1) void gate.enter({ endpointId, priority: 'first', parked: 0 });
      counts.attempted(fact(FAILED, RETRY, { endpointId, tenantId: `tenant_${n}` as TenantId }), false);
    }
    expect(gate.size).toEqual({ lanes: 10_000, inFlight: 10 });
    expect((await series()) - before).toBe(20);
    const waiting = await lines('waybill_endpoint_waiting{');
    expect(waiting).toHaveLength(21);
    expect(waiting.at(-1)).toBe('waybill_endpoint_waiting{region="us",endpoint="other"} 19970');
  });

  it('tell nothing of a region whose worker is started again but that its connection is down', async () => {
    const { lines } = measured(() => undefined);
    expect(await lines('waybill_bus_connected{')).toEqual(['waybill_bus_connected{region="us",service="dispatcher"} 0']);
    expect(await lines('waybill_deliveries_in_flight{')).toEqual([]);
  });

  it('tell of other regions only where there are some', async () => {
    expect(await measured().lines('waybill_re')).toEqual([]);
    const between = {
      states: new Map([['us', 'active'] as const, ['eu', 'failed'] as const]),
      leaseAgeMs: 1_200,
      leaseTtlMs: 10_000,
      lagMs: new Map([['eu', 2_500]]),
    };
    const { counts, lines } = measured(() => ({ between }), ['us', 'eu']);
    counts.tookOver('eu');
    counts.renewFailed();
    expect(await lines('waybill_region_failover_events_total{')).toEqual(['waybill_region_failover_events_total{from="eu",to="us"} 1']);
    expect(await lines('waybill_lease_')).toEqual([
      'waybill_lease_renew_failures_total{region="us"} 1',
      'waybill_lease_age_seconds{region="us"} 1.2',
      'waybill_lease_ttl_seconds{region="us"} 10',
    ]);
    expect(await lines('waybill_replication_lag_seconds{')).toEqual(['waybill_replication_lag_seconds{region="us",origin="eu"} 2.5']);
    expect((await lines('waybill_region_state{')).filter((line) => line.endsWith(' 1'))).toEqual([
      'waybill_region_state{region="us",state="active"} 1',
      'waybill_region_state{region="eu",state="failed"} 1',
    ]);
  });
});
