import 'reflect-metadata';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyServerOptions } from 'fastify';
import type { BaseConfig } from './config.ts';
import type { Logger } from './logger.ts';
import { KeepErrorFilter } from './keep-error.filter.ts';

/** What it takes to run one service as a process. */
export interface ServiceOptions {
  readonly name: string;
  readonly config: BaseConfig;
  readonly logger: Logger;
  readonly module: DynamicModule;
  /** Consumes messages in the same process; it is closed, with its work finished, before anything else. */
  readonly strategy?: CustomTransportStrategy;
  /** Changes Fastify before Nest registers its routes: parsers, hooks, error handlers. */
  readonly configureHttp?: (fastify: FastifyInstance) => void;
  readonly fastifyOptions?: FastifyServerOptions;
}

export interface RunningService {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Starts a service: Nest on Fastify for HTTP, and its transport strategy for messages. Logs one line `ready` with its address.
 * SIGTERM and SIGINT drain it: no new work is taken, work in hand is finished, connections are closed. Bodies are not parsed by Nest.
 */
export async function runService(options: ServiceOptions): Promise<RunningService> {
  const app = await createApp(options);
  if (options.strategy !== undefined) {
    app.connectMicroservice({ strategy: options.strategy }, { inheritAppConfig: true });
    await app.startAllMicroservices();
  }
  await app.listen(options.config.PORT, options.config.APP_HOST);
  const url = await app.getUrl();
  options.logger.info({ event: 'service.ready', url }, 'ready');
  return { url, close: () => app.close() };
}

async function createApp(options: ServiceOptions): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter(options.fastifyOptions ?? {});
  const app = await NestFactory.create<NestFastifyApplication>(options.module, adapter, { bodyParser: false, logger: ['error', 'warn'] });
  app.useGlobalFilters(new KeepErrorFilter(options.logger));
  options.configureHttp?.(app.getHttpAdapter().getInstance());
  app.enableShutdownHooks();
  return app;
}
