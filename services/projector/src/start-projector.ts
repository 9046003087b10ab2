import { streamNames } from '@waybill/contracts';
import type { Connection } from '@waybill/regions';
import { Health, Lifecycle, type Logger, Metrics, openTracing, runService, type RunningService, watchDisk } from '@waybill/runtime';
import { type Bus, connectBus } from '@waybill/transport';
import { filesReader } from './adapters/nats/decision.ts';
import { payloadReader } from './adapters/nats/payload.ts';
import { streamState } from './adapters/nats/stream-state.ts';
import { registerMetrics } from './adapters/projector-metrics.ts';
import { AppModule } from './app.module.ts';
import type { WorkerPart } from './application/rebuild/rebuild-ports.ts';
import type { Rebuilder } from './application/rebuild/rebuilder.ts';
import type { ProjectorConfig } from './config.ts';
import { liveHub, ownLive } from './own-live.ts';
import { ownReadModels } from './own-read-models.ts';

const NAME = 'projector';

/** Parts of the projection thread that `/health/ready` names. */
const PARTS: readonly (readonly [WorkerPart, string])[] = [
  ['database', 'database'],
  ['nats', 'nats'],
  ['log', 'projection of the LOG'],
  ['peers', 'projection of PEERS'],
  ['registry', 'projection of the registry'],
];

export interface ProjectorParts {
  readonly config: ProjectorConfig;
  readonly nats: Connection;
  readonly logger: Logger;
  /** What is said of traces; absent: none is recorded. */
  readonly env?: NodeJS.ProcessEnv;
  /** Told when the projection thread died: the process must end, so that its supervisor starts it again. */
  readonly onCrash: (error: Error) => void;
}

/** Starts the projector of one region. It serves what the store holds even while NATS or the projection is away. */
export async function startProjector(parts: ProjectorParts): Promise<RunningService> {
  const { config, nats, logger } = parts;
  const health = new Health();
  const lifecycle = new Lifecycle();
  const about = { service: NAME, region: config.REGION, env: parts.env ?? {}, logger };
  const tracing = lifecycle.own('tracing', await openTracing(about), (owned) => owned.close());
  const bus = ownBus(nats, lifecycle);
  const hub = liveHub(config.REGION, bus);
  const { rebuilder, reader } = ownReadModels({ ...parts, tracing }, hub, lifecycle);
  for (const [part, name] of PARTS) health.declare(name, () => stateOf(rebuilder, part));
  const side = {
    reader,
    rebuilder,
    live: ownLive(hub, rebuilder, { region: config.REGION, bus, lifecycle }),
    readPayload: payloadReader(bus, config.REGION),
    readFiles: filesReader(bus),
    askStream: async (stream: string) => askedStream(bus(), stream),
    readUpTo: (stream: string) => readUpTo(rebuilder, config.REGION, stream),
  };
  const metrics = new Metrics({ isOn: config.METRICS_ENABLED, token: config.METRICS_TOKEN });
  if (config.DATABASE_URL === undefined) watchDisk(metrics, { region: config.REGION, service: NAME, folder: config.DATA_DIR });
  registerMetrics(metrics, { region: config.REGION, reader, bus, stateOf: (part) => rebuilder.stateOf(part) });
  return runService({ name: NAME, config, logger, module: AppModule.forRoot(side, { logger, health, lifecycle, metrics }) });
}

/** What the other regions did may be missing for a while without harm: it is told, and never makes this region's reads not ready. */
const MAY_BE_BEHIND: ReadonlySet<WorkerPart> = new Set(['peers']);

function stateOf(rebuilder: Rebuilder, part: WorkerPart): { ok: boolean; detail?: string } {
  const { ok, detail } = rebuilder.stateOf(part);
  const isOk = ok || MAY_BE_BEHIND.has(part);
  return detail === undefined ? { ok: isOk } : { ok: isOk, detail };
}

/** The serving thread's own connection, for payloads and lag. It is not waited for: lists need no NATS. */
function ownBus(nats: Connection, lifecycle: Lifecycle): () => Bus | undefined {
  let bus: Bus | undefined;
  const connecting = connectBus({ ...nats, name: `${nats.name}-reads` });
  connecting.then(
    (opened) => (bus = opened),
    () => undefined,
  );
  lifecycle.own('nats', undefined, async () => bus?.close());
  return () => bus;
}

async function askedStream(bus: Bus | undefined, stream: string) {
  if (bus === undefined) return undefined;
  return streamState(bus, stream).catch(() => undefined);
}

/** How far the thread has read a stream. What it read beyond the checkpoint changes nothing. */
function readUpTo(rebuilder: Rebuilder, region: string, stream: string): number {
  const { log, peers } = streamNames(region);
  if (stream !== log && stream !== peers) return 0;
  return rebuilder.stateOf(stream === log ? 'log' : 'peers').seq ?? 0;
}
