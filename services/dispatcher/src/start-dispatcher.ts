import { WaybillError } from '@waybill/contracts';
import { createLogger, Health, Lifecycle, loadConfig, type Logger, runService, type RunningService } from '@waybill/runtime';
import { type Bus, connectBus, JetStreamStrategy, Publisher, RegistryView } from '@waybill/transport';
import { regionWorker } from './adapters/region-worker.ts';
import { AppModule } from './app.module.ts';
import { DeliveryManager } from './application/delivery-manager.ts';
import type { Persistence } from './application/persistence.ts';
import { type DispatcherConfig, dispatcherConfigSchema } from './config.ts';
import { DISPATCHER_VERSION } from './version.ts';

/** Wires the dispatcher and runs it until it is told to stop. */
export async function startDispatcher(env: NodeJS.ProcessEnv): Promise<RunningService> {
  const config = loadConfig(dispatcherConfigSchema, env);
  const region = config.REGION;
  const logger = createLogger({ service: 'dispatcher', region, level: config.LOG_LEVEL });
  const [health, lifecycle] = [new Health(), new Lifecycle()];
  tellEgress(logger, config);
  const bus = lifecycle.own('bus', await connect(config, logger), (open) => open.close());
  const { publish } = lifecycle.own('publisher', new Publisher(bus), (open) => open.close());
  const registry = lifecycle.own('registry', await RegistryView.follow(bus, logger), (view) => view.close());
  const { worker, persistence } = regionWorker({ region, config, bus, publish, registry, logger, version: DISPATCHER_VERSION });
  const onFailure = (failed: string, error: unknown): void =>
    logger.error({ event: 'region.not_started', failed, err: error }, 'no deliveries from here');
  const manager = lifecycle.own('regions', new DeliveryManager([worker], onFailure), (open) => open.close());
  const [poller] = await manager.start();
  if (poller === undefined) throw new WaybillError('WB_TOPOLOGY_MISSING', `the worker of ${region} did not start`);
  declareHealth(health, bus, registry, persistence);
  const strategy = new JetStreamStrategy({
    bus,
    logger,
    bindings: poller.bindings(),
    onPoison: (message, reason) => poller.setAside(message, reason),
  });
  return runService({
    name: 'dispatcher',
    config,
    logger,
    strategy,
    module: AppModule.with({ logger, health, lifecycle, manager, poller }),
  });
}

function connect(config: DispatcherConfig, logger: Logger): Promise<Bus> {
  const onWaiting = (detail: string): void => logger.warn({ event: 'nats.waiting' }, detail);
  const { NATS_URL: servers, NATS_USER: user, NATS_PASSWORD: password } = config;
  return connectBus({ servers, name: `dispatcher-${config.REGION}`, user, password, onWaiting });
}

function declareHealth(health: Health, bus: Bus, registry: RegistryView, persistence: Persistence): void {
  health.declare('nats', () => {
    if (!bus.isUp()) return { ok: false, detail: 'waiting for the connection' };
    const { count, error } = persistence.pending;
    return count === 0 ? { ok: true } : { ok: false, detail: `${count} writes are being repeated: ${error ?? ''}` };
  });
  health.declare('registry', () => (registry.failure === undefined ? { ok: true } : { ok: false, detail: registry.failure }));
}

/** An opened guard is never silent. */
function tellEgress(logger: Logger, { EGRESS_GUARD, EGRESS_ALLOW }: DispatcherConfig): void {
  if (EGRESS_GUARD === 'off')
    logger.warn({ event: 'egress.open' }, 'EGRESS_GUARD=off: endpoints may reach every address, private ones too');
  else if (EGRESS_ALLOW.length > 0)
    logger.warn({ event: 'egress.allow', networks: EGRESS_ALLOW.length }, 'EGRESS_ALLOW opens addresses that are not public');
}
