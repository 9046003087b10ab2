import { Controller, Inject } from '@nestjs/common';
import { type Handled, type Incoming, OnMessage } from '@waybill/transport';
import type { WebhookPoller } from './webhook-poller.ts';

export const WEBHOOK_POLLER = Symbol('webhook-poller');

/** Hands the messages of a region's two consumers to its worker. */
@Controller()
export class DispatcherConsumer {
  readonly #poller: WebhookPoller;

  constructor(@Inject(WEBHOOK_POLLER) poller: WebhookPoller) {
    this.#poller = poller;
  }

  @OnMessage('plan.made')
  plan(message: Incoming): Promise<Handled> {
    return this.#poller.plan(message);
  }

  @OnMessage('retry.due')
  due(message: Incoming): Promise<Handled> {
    return this.#poller.due(message);
  }
}
