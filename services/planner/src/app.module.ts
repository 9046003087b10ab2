import { type DynamicModule, Module } from '@nestjs/common';
import { type Health, type Lifecycle, type Logger, type Metrics, RuntimeModule } from '@waybill/runtime';
import { PLAN_EVENT, PlannerConsumer } from './adapters/planner.consumer.ts';
import type { PlanEvent } from './application/plan-event.ts';

/** The planner as a Nest application: one message handler, and the health routes. */
@Module({})
export class AppModule {
  static with(parts: { logger: Logger; health: Health; lifecycle: Lifecycle; metrics: Metrics; planEvent: PlanEvent }): DynamicModule {
    return {
      module: AppModule,
      imports: [RuntimeModule.forRoot(parts)],
      controllers: [PlannerConsumer],
      providers: [{ provide: PLAN_EVENT, useValue: parts.planEvent }],
    };
  }
}
