import { REGION_STATES, type RegionState } from '@waybill/contracts';
import type { GaugeName, Metrics, ReadGauge } from '@waybill/runtime';
import { type WaitingAt, worstWaiting } from '../domain/worst-waiting.ts';

/** What can be read of a region whose worker runs. Nothing of it asks anybody but `pending`. */
export interface ReadRegion {
  readonly isBusUp: boolean;
  readonly inFlight: number;
  readonly waiting: readonly WaitingAt[];
  readonly openCircuits: number;
  readonly writesWaiting: number;
  /** Messages of each durable consumer that are not settled. */
  pending(): Promise<readonly { readonly consumer: string; readonly messages: number }[]>;
  /** Absent: the region has no peers. */
  readonly between?: ReadBetween | undefined;
}

/** What can be read of a region among others. */
export interface ReadBetween {
  /** The state of each region, as far as it is known here. */
  readonly states: ReadonlyMap<string, RegionState>;
  readonly leaseAgeMs: number;
  readonly leaseTtlMs: number;
  /** Age of the newest beat of each other region that arrived here. */
  readonly lagMs: ReadonlyMap<string, number>;
}

export interface GaugedRegions {
  readonly regions: readonly string[];
  readonly hasPeers: boolean;
  /** Undefined while the region's worker is being started. */
  readonly read: (region: string) => ReadRegion | undefined;
}

export const SERVICE = 'dispatcher';
const MOST_ENDPOINTS = 20;
/** A NATS that takes longer to answer is left out, and the others are not. */
const ASK_MS = 800;

/** Registers the gauges of a dispatcher. A region whose worker is being started has none, but that its connection is down. */
export function gaugeRegions(metrics: Metrics, gauged: GaugedRegions): void {
  const { regions, read } = gauged;
  const live = (): { region: string; now: ReadRegion }[] =>
    regions.flatMap((region) => {
      const now = read(region);
      return now === undefined ? [] : [{ region, now }];
    });
  const one = (name: OfRegion, valueOf: (now: ReadRegion) => number): void =>
    metrics.gauge(name, () => live().map(({ region, now }) => ({ labels: { region }, value: valueOf(now) })));
  metrics.gauge('waybill_bus_connected', () =>
    regions.map((region) => ({ labels: { region, service: SERVICE }, value: read(region)?.isBusUp === true ? 1 : 0 })),
  );
  one('waybill_deliveries_in_flight', ({ inFlight }) => inFlight);
  one('waybill_endpoint_circuits_open', ({ openCircuits }) => openCircuits);
  one('waybill_writes_waiting', ({ writesWaiting }) => writesWaiting);
  metrics.gauge('waybill_endpoint_waiting', () =>
    live().flatMap(({ region, now }) =>
      worstWaiting(now.waiting, MOST_ENDPOINTS).map(({ endpointId, waiting }) => ({
        labels: { region, endpoint: endpointId },
        value: waiting,
      })),
    ),
  );
  metrics.gauge('waybill_consumer_pending', async () => {
    // One region whose NATS does not answer must not hide the others.
    const answers = await Promise.allSettled(live().map(({ region, now }) => pendingOf(region, now)));
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  });
  if (gauged.hasPeers) gaugeBetween(metrics, live);
}

type OfRegion = Extract<
  GaugeName,
  | 'waybill_deliveries_in_flight'
  | 'waybill_endpoint_circuits_open'
  | 'waybill_writes_waiting'
  | 'waybill_lease_age_seconds'
  | 'waybill_lease_ttl_seconds'
>;
type Live = () => readonly { readonly region: string; readonly now: ReadRegion }[];

async function pendingOf(region: string, now: ReadRegion) {
  if (!now.isBusUp) return [];
  const asked = await Promise.race([now.pending(), nothingAfter(ASK_MS)]);
  return asked.map(({ consumer, messages }) => ({ labels: { region, consumer }, value: messages }));
}

const nothingAfter = (ms: number): Promise<readonly never[]> => new Promise((resolve) => setTimeout(resolve, ms, []).unref());

function gaugeBetween(metrics: Metrics, live: Live): void {
  const between = (): { region: string; now: ReadBetween }[] =>
    live().flatMap(({ region, now }) => (now.between === undefined ? [] : [{ region, now: now.between }]));
  metrics.gauge('waybill_region_state', () => statesOf(between()));
  metrics.gauge('waybill_lease_age_seconds', () =>
    between().map(({ region, now }) => ({ labels: { region }, value: now.leaseAgeMs / 1_000 })),
  );
  metrics.gauge('waybill_lease_ttl_seconds', () =>
    between().map(({ region, now }) => ({ labels: { region }, value: now.leaseTtlMs / 1_000 })),
  );
  metrics.gauge('waybill_replication_lag_seconds', () =>
    between().flatMap(({ region, now }) => [...now.lagMs].map(([origin, ms]) => ({ labels: { region, origin }, value: ms / 1_000 }))),
  );
}

/** Each region's state, as its own worker knows it where that is in this process. */
function statesOf(
  between: readonly { readonly region: string; readonly now: ReadBetween }[],
): Awaited<ReturnType<ReadGauge<'waybill_region_state'>>> {
  const states = new Map(between.flatMap(({ now }) => [...now.states]));
  for (const { region, now } of between) {
    const own = now.states.get(region);
    if (own !== undefined) states.set(region, own);
  }
  return [...states].flatMap(([region, state]) =>
    REGION_STATES.map((one) => ({ labels: { region, state: one }, value: one === state ? 1 : 0 })),
  );
}
