import { type DynamicModule, Module } from '@nestjs/common';
import { type Health, type Lifecycle, type Logger, type Metrics, RuntimeModule } from '@waybill/runtime';
import { DeliveriesController } from './adapters/http/deliveries.controller.ts';
import { DeadLettersController } from './adapters/http/dead-letters.controller.ts';
import { DispatchesController } from './adapters/http/dispatches.controller.ts';
import { EventsController } from './adapters/http/events.controller.ts';
import { type Live, LiveController } from './adapters/http/live.controller.ts';
import { ManagementController } from './adapters/http/management.controller.ts';
import { MeasuresController } from './adapters/http/measures.controller.ts';
import { ProjectionsController } from './adapters/http/projections.controller.ts';
import type { Reader } from './adapters/http/reader.ts';
import { RegionsController } from './adapters/http/regions.controller.ts';
import { SearchController } from './adapters/http/search.controller.ts';
import { type AskStream, type ReadUpTo, StatsController } from './adapters/http/stats.controller.ts';
import { LIVE, READ_FILES, READ_PAYLOAD, READ_UP_TO, READER, REBUILDER, STREAM_STATE } from './adapters/http/tokens.ts';
import type { Rebuilder } from './application/rebuild/rebuilder.ts';
import type { ReadFiles } from './adapters/nats/decision.ts';
import type { ReadPayload } from './adapters/nats/payload.ts';

/** What the controllers are given. */
export interface ReadSide {
  readonly reader: Reader;
  readonly readPayload: ReadPayload;
  readonly readFiles: ReadFiles;
  readonly askStream: AskStream;
  readonly readUpTo: ReadUpTo;
  readonly rebuilder: Rebuilder;
  readonly live: Live;
}

/** Everything that can be asked of it. */
export const CONTROLLERS = [
  EventsController,
  DeliveriesController,
  DeadLettersController,
  DispatchesController,
  LiveController,
  ManagementController,
  MeasuresController,
  ProjectionsController,
  RegionsController,
  SearchController,
  StatsController,
];

/** The serving half of the projector as a Nest module. */
@Module({})
export class AppModule {
  static forRoot(side: ReadSide, parts: { logger: Logger; health: Health; lifecycle: Lifecycle; metrics?: Metrics }): DynamicModule {
    return {
      module: AppModule,
      imports: [RuntimeModule.forRoot(parts)],
      controllers: CONTROLLERS,
      providers: [
        { provide: READER, useValue: side.reader },
        { provide: READ_PAYLOAD, useValue: side.readPayload },
        { provide: READ_FILES, useValue: side.readFiles },
        { provide: STREAM_STATE, useValue: side.askStream },
        { provide: READ_UP_TO, useValue: side.readUpTo },
        { provide: REBUILDER, useValue: side.rebuilder },
        { provide: LIVE, useValue: side.live },
      ],
    };
  }
}
