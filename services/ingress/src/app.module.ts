import { type DynamicModule, Module } from '@nestjs/common';
import { type Health, type Lifecycle, type Logger, type Metrics, RuntimeModule } from '@waybill/runtime';
import { DeadLettersController } from './adapters/http/dead-letters.controller.ts';
import { BodiesController } from './adapters/http/bodies.controller.ts';
import { EndpointsController } from './adapters/http/endpoints.controller.ts';
import { EndpointOperationsController } from './adapters/http/endpoint-operations.controller.ts';
import { EventsController } from './adapters/http/events.controller.ts';
import { GithubController } from './adapters/http/github.controller.ts';
import { JobsController } from './adapters/http/jobs.controller.ts';
import { LiveController } from './adapters/http/live.controller.ts';
import { MeasuresController } from './adapters/http/measures.controller.ts';
import { openApiOf } from './adapters/http/openapi.ts';
import { OpenApiController } from './adapters/http/openapi.controller.ts';
import { operationsOf } from './adapters/http/operation.ts';
import { PausesController } from './adapters/http/pauses.controller.ts';
import { ProjectionsController } from './adapters/http/projections.controller.ts';
import { ReadsController } from './adapters/http/reads.controller.ts';
import { RegionsController } from './adapters/http/regions.controller.ts';
import { SessionController } from './adapters/http/session.controller.ts';
import { SettingsController } from './adapters/http/settings.controller.ts';
import { SourcesController } from './adapters/http/sources.controller.ts';
import { TracesController } from './adapters/http/traces.controller.ts';
import { TenantsController } from './adapters/http/tenants.controller.ts';
import {
  ADDRESS_OF,
  BODIES_FOR_PEERS,
  ENDPOINT_PORTS,
  GITHUB,
  LIVE,
  OPENAPI,
  PAUSE_PORTS,
  PROJECTOR,
  RECEIVE_WEBHOOK,
  RECOVERY_PORTS,
  REGION_PORTS,
  REGISTRY,
  SEND_EVENT,
  SESSION_PORTS,
  SETTINGS,
  SOURCE_PORTS,
  TENANT_PORTS,
  TEST_ENDPOINT,
  TRACES,
} from './adapters/http/tokens.ts';
import { WebhooksController } from './adapters/http/webhooks.controller.ts';
import type { Ingress } from './ingress.ts';

const CONTROLLERS = [
  GithubController,
  WebhooksController,
  EventsController,
  TenantsController,
  EndpointsController,
  EndpointOperationsController,
  SourcesController,
  PausesController,
  RegionsController,
  DeadLettersController,
  JobsController,
  LiveController,
  MeasuresController,
  ReadsController,
  TracesController,
  ProjectionsController,
  BodiesController,
  SessionController,
  SettingsController,
  OpenApiController,
];

/** Every operation of the HTTP surface, without those of the runtime. */
export const OPERATIONS = operationsOf(CONTROLLERS);

/** The ingress as a Nest module: controllers, and the use cases they are given. */
@Module({})
export class AppModule {
  static forRoot(ingress: Ingress, parts: { logger: Logger; health: Health; lifecycle: Lifecycle; metrics?: Metrics }): DynamicModule {
    return {
      module: AppModule,
      imports: [RuntimeModule.forRoot(parts)],
      controllers: CONTROLLERS,
      providers: [
        { provide: RECEIVE_WEBHOOK, useValue: ingress.receiveWebhook },
        { provide: SEND_EVENT, useValue: ingress.sendEvent },
        { provide: TENANT_PORTS, useValue: ingress.tenants },
        { provide: ENDPOINT_PORTS, useValue: ingress.endpoints },
        { provide: TEST_ENDPOINT, useValue: ingress.testEndpoint },
        { provide: SOURCE_PORTS, useValue: ingress.sources },
        { provide: PAUSE_PORTS, useValue: ingress.pauses },
        { provide: GITHUB, useValue: ingress.github },
        { provide: REGION_PORTS, useValue: ingress.regions },
        { provide: RECOVERY_PORTS, useValue: ingress.recovery },
        { provide: ADDRESS_OF, useValue: ingress.addressOf },
        { provide: REGISTRY, useValue: ingress.registry },
        { provide: BODIES_FOR_PEERS, useValue: ingress.bodiesForPeers },
        { provide: LIVE, useValue: ingress.live },
        { provide: PROJECTOR, useValue: ingress.projector },
        { provide: TRACES, useValue: ingress.traces },
        { provide: SESSION_PORTS, useValue: ingress.sessions },
        { provide: SETTINGS, useValue: ingress.settings },
        { provide: OPENAPI, useFactory: () => openApiOf(OPERATIONS) },
      ],
    };
  }
}
