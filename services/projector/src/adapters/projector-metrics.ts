import { setTimeout as delay } from 'node:timers/promises';
import { bodyBuckets, type DeliveryState, streamNames } from '@waybill/contracts';
import { type Metrics, oneAtATime } from '@waybill/runtime';
import type { Bus } from '@waybill/transport';
import type { ProjectionState } from '../application/keep-following.ts';
import type { WorkerPart } from '../application/rebuild/rebuild-ports.ts';
import type { Reader } from './http/reader.ts';
import { type StreamFill, streamFill } from './nats/stream-state.ts';
import { oldestOpen } from './queries/measured.ts';
import { totalsOf } from './queries/totals.ts';

/** What the metrics of a projector are read from. */
export interface MetricSources {
  readonly region: string;
  readonly reader: Pick<Reader, 'read'>;
  readonly bus: () => Bus | undefined;
  readonly stateOf: (part: WorkerPart) => ProjectionState;
}

const OPEN_STATES: readonly DeliveryState[] = ['planned', 'delivering', 'retrying'];
/** A stream that does not answer within this is left out, and the others are not. */
const ASK_MS = 800;

/**
 * What the read models and the streams of a region look like, read when somebody asks. Every region's projector knows all regions' numbers, but tells only of its own, so that
 * no two tell different ones.
 */
export function registerMetrics(metrics: Metrics, sources: MetricSources): void {
  registerStreams(metrics, sources);
  registerCounted(metrics, sources);
}

function registerStreams(metrics: Metrics, { region, bus, stateOf }: MetricSources): void {
  const look = oneAtATime(() => fillsOf(bus(), region));
  const isConnected = (): boolean => bus()?.isUp() === true && stateOf('nats').ok;
  metrics.gauge('waybill_bus_connected', () => [{ labels: { region, service: 'projector' }, value: isConnected() ? 1 : 0 }]);
  metrics.gauge('waybill_projection_lag_messages', async () => {
    const fills = await look();
    return (['log', 'peers'] as const).flatMap((stream) => {
      const [lastSeq, read] = [fills.get(stream)?.lastSeq, stateOf(stream).seq];
      return lastSeq === undefined || read === undefined ? [] : [{ labels: { region, stream }, value: Math.max(0, lastSeq - read) }];
    });
  });
  metrics.gauge('waybill_stream_bytes', async () =>
    [...(await look())].map(([stream, { bytes }]) => ({ labels: { region, stream }, value: bytes })),
  );
  metrics.gauge('waybill_stream_limit_bytes', async () =>
    [...(await look())].flatMap(([stream, { limitBytes }]) =>
      limitBytes === undefined ? [] : [{ labels: { region, stream }, value: limitBytes }],
    ),
  );
}

/** How full each stream is, as far as they answer in time. */
async function fillsOf(bus: Bus | undefined, region: string): Promise<ReadonlyMap<string, StreamFill>> {
  const fills = new Map<string, StreamFill>();
  if (bus === undefined) return fills;
  const streams = { ...streamNames(region), bodies: bodyBuckets(region).own.stream };
  const asked = Object.entries(streams).map(async ([name, stream]) => fills.set(name, await streamFill(bus, stream)));
  await Promise.race([Promise.allSettled(asked), delay(ASK_MS, undefined, { ref: false })]);
  return new Map(fills);
}

function registerCounted(metrics: Metrics, { region, reader }: MetricSources): void {
  const look = oneAtATime(() =>
    reader.read(async (database) => {
      const { delivery, dead_letter: deadLetter } = await totalsOf(database, 'region', region);
      const pending = OPEN_STATES.reduce((sum, state) => sum + (delivery[state] ?? 0), 0);
      return { deadLetters: deadLetter['open'] ?? 0, pending, oldest: await oldestOpen(database, region) };
    }),
  );
  const labels = { region };
  metrics.gauge('waybill_dlq_depth', async () => [{ labels, value: (await look()).deadLetters }]);
  metrics.gauge('waybill_pending_deliveries', async () => [{ labels, value: (await look()).pending }]);
  metrics.gauge('waybill_oldest_pending_age_seconds', async () => {
    const { oldest } = await look();
    return [{ labels, value: oldest === undefined ? 0 : Math.max(0, Date.now() - oldest.at) / 1_000 }];
  });
}
