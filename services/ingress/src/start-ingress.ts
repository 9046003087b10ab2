import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GithubConfig } from '@waybill/github';
import { Health, Lifecycle, type Logger, runService, type RunningService } from '@waybill/runtime';
import { connectBus } from '@waybill/transport';
import { admitBy } from './adapters/http/admission.ts';
import { boundBodies } from './adapters/http/bound-bodies.ts';
import { configureHttp, fastifyOptionsOf, type HttpSettings } from './adapters/http/configure-http.ts';
import { requireDashboard, serveDashboard, showLost } from './adapters/http/dashboard.ts';
import { measureIntake } from './adapters/http/measure-intake.ts';
import { recordCommands } from './adapters/http/record-commands.ts';
import { AppModule, OPERATIONS } from './app.module.ts';
import type { IngressConfig } from './config.ts';
import type { Deployment } from './deployment.ts';
import { openIngress } from './ingress.ts';
import { keyRingOf } from './open-sessions.ts';

const NAME = 'ingress';
const nowMs = (): number => Date.now();

/** Of the environment, what does not come as the service's own variables. `github` undefined: there is no GitHub App. */
export interface Surroundings {
  readonly deployment: Deployment;
  readonly github: GithubConfig | undefined;
}

/** Starts the ingress of one region: waits for NATS, opens what it holds, listens, and tells the other regions where. */
export async function startIngress(config: IngressConfig, logger: Logger, { deployment, github }: Surroundings): Promise<RunningService> {
  const keys = keyRingOf(config);
  requireDashboard(config.DASHBOARD_DIR);
  const health = new Health();
  const lifecycle = new Lifecycle();
  const onWaiting = (detail: string): void => logger.warn({ event: 'nats.waiting' }, detail);
  const bus = await connectBus({ ...deployment.nats, onWaiting });
  lifecycle.own('nats', bus, (owned) => owned.close());
  const ingress = await openIngress({ config, deployment, github, keys, bus, logger, health, lifecycle, nowMs });
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
    module: AppModule.forRoot(ingress, { logger, health, lifecycle }),
    fastifyOptions: fastifyOptionsOf(http),
    configureHttp: (fastify) => {
      configureHttp(fastify, OPERATIONS, http, door);
      serveDashboard(fastify, config.DASHBOARD_DIR);
      // The server waits for every answer to end.
      fastify.addHook('preClose', () => ingress.live.close());
      boundBodies(fastify, http);
      measureIntake(fastify, ingress.intake, nowMs);
      recordCommands(fastify, OPERATIONS, { ...ingress.record, logger });
    },
  });
  ingress.announce(config.PUBLIC_URL ?? service.url);
  ingress.github.startSweeping();
  return service;
}
