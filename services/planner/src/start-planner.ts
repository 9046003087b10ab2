import { CONSUMERS, streamNames } from '@waybill/contracts';
import {
  baseConfigSchema,
  createLogger,
  Health,
  Lifecycle,
  loadConfig,
  runService,
  type RunningService,
  wholeNumber,
} from '@waybill/runtime';
import { connectBus, JetStreamStrategy, Publisher, RegistryView } from '@waybill/transport';
import { z } from 'zod';
import { PlannedInLog } from './adapters/planned-before.ts';
import { AppModule } from './app.module.ts';
import { planEvent, refuse } from './application/plan-event.ts';

const configSchema = baseConfigSchema.extend({ PLANNER_CONCURRENCY: wholeNumber.pipe(z.int().min(1).max(2_000)).default(256) });

const UNREADABLE = { eventId: '', tenantId: '', eventType: '', version: 0 };

/** Wires the planner and runs it until it is told to stop. */
export async function startPlanner(env: NodeJS.ProcessEnv): Promise<RunningService> {
  const config = loadConfig(configSchema, env);
  const region = config.REGION;
  const logger = createLogger({ service: 'planner', region, level: config.LOG_LEVEL });
  const [health, lifecycle] = [new Health(), new Lifecycle()];
  const onWaiting = (detail: string): void => logger.warn({ event: 'nats.waiting' }, detail);
  const connected = await connectBus({
    servers: config.NATS_URL,
    name: `planner-${region}`,
    user: config.NATS_USER,
    password: config.NATS_PASSWORD,
    onWaiting,
  });
  const bus = lifecycle.own('bus', connected, (open) => open.close());
  const publisher = lifecycle.own('publisher', new Publisher(bus), (open) => open.close());
  const registry = lifecycle.own('registry', await RegistryView.follow(bus, logger), (view) => view.close());
  const plannedBefore = new PlannedInLog(bus, region);
  await plannedBefore.load();
  bus.onReconnect(
    () =>
      void plannedBefore
        .load()
        .catch((error: unknown) => logger.error({ event: 'planner.reload_failed', err: error }, 'own output not read')),
  );
  health.declare('nats', () => (bus.isUp() ? { ok: true } : { ok: false, detail: 'waiting for the connection' }));
  health.declare('registry', () => (registry.failure === undefined ? { ok: true } : { ok: false, detail: registry.failure }));
  const schema = { version: config.EVENT_SCHEMA_VERSION, minCompatible: config.EVENT_SCHEMA_MIN_COMPATIBLE };
  const ports = { region, schema, subscriptions: registry, plannedBefore, publish: publisher.publish, nowMs: () => Date.now() };
  const strategy = new JetStreamStrategy({
    bus,
    logger,
    bindings: [
      { pattern: 'event.accepted', stream: streamNames(region).log, durable: CONSUMERS.planner, concurrency: config.PLANNER_CONCURRENCY },
    ],
    onPoison: (message, detail) => refuse(ports, message, { verdict: 'poison', detail, about: UNREADABLE }),
  });
  return runService({
    name: 'planner',
    config,
    logger,
    strategy,
    module: AppModule.with({ logger, health, lifecycle, planEvent: planEvent(ports) }),
  });
}
