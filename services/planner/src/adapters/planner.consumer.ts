import { Controller, Inject } from '@nestjs/common';
import { type Handled, type Incoming, OnMessage } from '@waybill/transport';
import type { PlanEvent } from '../application/plan-event.ts';

export const PLAN_EVENT = Symbol('plan-event');

@Controller()
export class PlannerConsumer {
  readonly #planEvent: PlanEvent;

  constructor(@Inject(PLAN_EVENT) planEvent: PlanEvent) {
    this.#planEvent = planEvent;
  }

  @OnMessage('event.accepted')
  plan(message: Incoming): Promise<Handled> {
    return this.#planEvent(message);
  }

  @OnMessage('run.completed')
  planRun(message: Incoming): Promise<Handled> {
    return this.#planEvent(message);
  }
}
