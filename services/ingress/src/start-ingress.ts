import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { GithubConfig } from '@waybill/github';
import {
  Health,
  Lifecycle,
  type Logger,
  Metrics,
  openTracing,
  runService,
  type RunningService,
  watchDisk,
  traceRequests,
  WorkLog,
} from '@waybill/runtime';
import { connectBus } from '@waybill/transport';
import { admitBy } from './adapters/http/admission.ts';
import { boundBodies } from './adapters/http/bound-bodies.ts';
import { configureHttp, fastifyOptionsOf, type HttpSettings } from './adapters/http/configure-http.ts';
import { requireDashboard, serveDashboard, showLost } from './adapters/http/dashboard.ts';
import { isAccepted, measureIntake } from './adapters/http/measure-intake.ts';
import { recordCommands } from './adapters/http/record-commands.ts';
import { type RequestLogs, tellCommands, tellIntake } from './adapters/http/tell-work.ts';
import { ingressMetrics, type IngressMetrics } from './adapters/ingress-metrics.ts';
import { AppModule, OPERATIONS } from './app.module.ts';
import type { IngressConfig } from './config.ts';
import type { Deployment } from './deployment.ts';
import { type Ingress, openIngress } from './ingress.ts';
import { keyRingOf } from './open-sessions.ts';

const NAME = 'ingress';
const nowMs = (): number => Date.now();

/** Of the environment, what does not come as the service's own variables. `github` undefined: there is no GitHub App. */
export interface Surroundings {
  readonly deployment: Deployment;
  readonly github: GithubConfig | undefined;
  /** What is said of traces; absent: none is recorded. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Starts the ingress of one region: waits for NATS, opens what it holds, listens, and tells the other regions where. */
export async function startIngress(
  config: IngressConfig,
  logger: Logger,
  { deployment, github, env = {} }: Surroundings,
): Promise<RunningService> {
  const keys = keyRingOf(config);
  requireDashboard(config.DASHBOARD_DIR);
  const health = new Health();
  const lifecycle = new Lifecycle();
  const { region } = deployment;
  const tracing = lifecycle.own('tracing', await openTracing({ service: NAME, region, env, logger }), (open) => open.close());
  const onWaiting = (detail: string): void => logger.warn({ event: 'nats.waiting' }, detail);
  const bus = await connectBus({ ...deployment.nats, onWaiting });
  lifecycle.own('nats', bus, (owned) => owned.close());
  const metrics = new Metrics({ isOn: config.METRICS_ENABLED, token: config.METRICS_TOKEN });
  watchDisk(metrics, { region, service: NAME, folder: config.DATA_DIR });
  const counted = ingressMetrics(metrics, { region, regions: deployment.order, isBusUp: () => bus.isUp() });
  const seen = { tracing, onPublishFailed: counted.publishFailed };
  const ingress = await openIngress({ config, deployment, github, keys, bus, logger, health, lifecycle, nowMs, ...seen });
  const http: HttpSettings = {
    maxBodyBytes: config.MAX_BODY_BYTES,
    ownLimits: github !== undefined,
    receiveTimeoutMs: config.REQUEST_RECEIVE_TIMEOUT_MS,
  };
  const door = {
    requireHere: ingress.residency.requireHere.bind(ingress.residency),
    addressOf: ingress.addressOf,
    admit: admitBy(keys, nowMs),
    showLost: (request: FastifyRequest, reply: FastifyReply) => showLost(config.DASHBOARD_DIR, request, reply),
  };
  const service = await runService({
    name: NAME,
    config,
    logger,
    module: AppModule.forRoot(ingress, { logger, health, lifecycle, metrics }),
    fastifyOptions: fastifyOptionsOf(http),
    configureHttp: (fastify) => {
      configureHttp(fastify, OPERATIONS, http, door);
      serveDashboard(fastify, config.DASHBOARD_DIR);
      // The server waits for every answer to end.
      fastify.addHook('preClose', () => ingress.live.close());
      boundBodies(fastify, http);
      recordCommands(fastify, OPERATIONS, { ...ingress.record, logger });
      traceRequests(fastify, tracing, { region });
      observe(fastify, { ingress, metrics: counted, logs: logsOf(config, logger) });
    },
  });
  ingress.announce(config.PUBLIC_URL ?? service.url);
  ingress.github.startSweeping();
  return service;
}

const logsOf = ({ LOG_WORK_PER_SECOND: perSecond }: IngressConfig, logger: Logger): RequestLogs => ({
  done: new WorkLog(logger, { perSecond }),
  refused: new WorkLog(logger, { perSecond }),
});

interface Observers {
  readonly ingress: Ingress;
  readonly metrics: IngressMetrics;
  readonly logs: RequestLogs;
}

/** Counts and tells what was answered. */
function observe(fastify: FastifyInstance, { ingress, metrics, logs }: Observers): void {
  const tell = tellIntake(logs);
  measureIntake(fastify, (answer) => {
    if (isAccepted(answer)) ingress.intake.accepted(answer.ms, nowMs());
    else ingress.intake.refused(answer.status, nowMs());
    metrics.answered(answer);
    tell(answer);
  });
  tellCommands(fastify, OPERATIONS, logs);
}
