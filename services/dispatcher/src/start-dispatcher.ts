import {
  createLogger,
  type DependencyState,
  Health,
  Lifecycle,
  loadConfig,
  type Logger,
  Metrics,
  openTracing,
  runService,
  type RunningService,
  WorkLog,
} from '@waybill/runtime';
import { githubConfigOf, openGithubApp } from '@waybill/github';
import { JetStreamStrategy } from '@waybill/transport';
import { dispatcherMetrics } from './adapters/dispatcher-metrics.ts';
import type { GithubAccess } from './adapters/dispatch/open-dispatches.ts';
import { RegionDispatcher } from './adapters/region-worker.ts';
import { sleepUntilStopped } from './adapters/webhook-poller.ts';
import { AppModule } from './app.module.ts';
import { DeliveryManager } from './application/delivery-manager.ts';
import { type DispatcherConfig, dispatcherConfigSchema } from './config.ts';
import { regionSettings } from './region-settings.ts';
import { DISPATCHER_VERSION } from './version.ts';

/**
 * Wires the dispatcher and runs it until it is told to stop. It is up before any of its regions is: what they wait for shows in `/health/ready`.
 * Throws WB_CONFIG_INVALID.
 */
export async function startDispatcher(env: NodeJS.ProcessEnv): Promise<RunningService> {
  const config = loadConfig(dispatcherConfigSchema, env);
  const settings = new Map(regionSettings(env, config).map((one) => [one.region, one]));
  const regions = [...settings.keys()];
  const order = [...new Set([...settings.values()].flatMap((one) => one.order))];
  const loggerOf = (region: string): Logger => createLogger({ service: 'dispatcher', region, level: config.LOG_LEVEL });
  const logger = loggerOf(regions.join(','));
  const [health, lifecycle] = [new Health(), new Lifecycle()];
  const opened = await openTracing({ service: 'dispatcher', region: regions.join(','), env, logger });
  const tracing = lifecycle.own('tracing', opened, (open) => open.close());
  const github = openGithub(env, logger);
  tellEgress(logger, config);
  const metrics = new Metrics({ isOn: config.METRICS_ENABLED, token: config.METRICS_TOKEN });
  const countsOf = dispatcherMetrics(metrics, { regions, order, read: (region) => manager.find((one) => one.region === region)?.readings });
  const strategy = new JetStreamStrategy({ logger, tracing, onPoison: () => Promise.reject(new Error('every source has its own')) });
  const manager: DeliveryManager<RegionDispatcher> = new DeliveryManager<RegionDispatcher>({
    regions,
    make: (region) => {
      const own = settings.get(region);
      if (own === undefined) throw new Error(`no settings for ${region}`);
      const workerLogger = loggerOf(region);
      const work = new WorkLog(workerLogger, { perSecond: config.LOG_WORK_PER_SECOND });
      const telemetry = { tracing, counts: countsOf(region), work };
      return new RegionDispatcher({
        settings: own,
        config,
        logger: workerLogger,
        version: DISPATCHER_VERSION,
        github,
        strategy,
        telemetry,
      });
    },
    onDown: (region, error, againInMs) =>
      loggerOf(region).error({ event: 'region.down', againInMs, err: error }, 'no deliveries from here until it is started again'),
    sleep: sleepUntilStopped,
    nowMs: () => performance.now(),
  });
  lifecycle.own('github', github?.app, (app) => app?.close());
  lifecycle.own('regions', manager, (open) => open.close());
  declareHealth(health, manager, regions);
  manager.start();
  return runService({
    name: 'dispatcher',
    config,
    logger,
    strategy,
    module: AppModule.with({ logger, health, lifecycle, metrics, manager }),
  });
}

/** One App for all regions: it keeps tokens and what it read. Undefined when none is set up. */
function openGithub(env: NodeJS.ProcessEnv, logger: Logger): GithubAccess | undefined {
  const config = githubConfigOf(env);
  return config === undefined ? undefined : { config, app: openGithubApp({ config, logger }) };
}

/** One broken region must not take the process of the others out, so the process is ready while any region is. */
function declareHealth(health: Health, manager: DeliveryManager<RegionDispatcher>, regions: readonly string[]): void {
  health.declare('regions', () => {
    const down = manager.health().filter(({ ok }) => !ok);
    const detail = down.map(({ region }) => `${region} does not deliver`).join('; ');
    return { ok: down.length < regions.length, ...(detail === '' ? {} : { detail }) };
  });
  for (const region of regions) {
    health.declare(`region ${region}`, () => stateOf(manager, region), { decides: false });
  }
}

function stateOf(manager: DeliveryManager<RegionDispatcher>, region: string): DependencyState {
  const { region: _, ...state } = manager.health().find((one) => one.region === region) ?? { region, ok: false };
  return state;
}

/** An opened guard is never silent. */
function tellEgress(logger: Logger, { EGRESS_GUARD, EGRESS_ALLOW }: DispatcherConfig): void {
  if (EGRESS_GUARD === 'off')
    logger.warn({ event: 'egress.open' }, 'EGRESS_GUARD=off: endpoints may reach every address, private ones too');
  else if (EGRESS_ALLOW.length > 0)
    logger.warn({ event: 'egress.allow', networks: EGRESS_ALLOW.length }, 'EGRESS_ALLOW opens addresses that are not public');
}
