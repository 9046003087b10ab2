import { Controller, Inject } from '@nestjs/common';
import { type Handled, type Incoming, OnMessage } from '@waybill/transport';
import type { WebhookPoller } from './webhook-poller.ts';

export const FIND_POLLER = Symbol('find-poller');

/** The poller whose region feeds on a stream; undefined while that region's worker is being started again. */
export type FindPoller = (stream: string) => WebhookPoller | undefined;

const NOBODY: Handled = { kind: 'again', delayMs: 1_000 };

/** Hands each message to the worker of the region whose stream it comes from. */
@Controller()
export class DispatcherConsumer {
  readonly #find: FindPoller;

  constructor(@Inject(FIND_POLLER) find: FindPoller) {
    this.#find = find;
  }

  @OnMessage('plan.made')
  async plan(message: Incoming): Promise<Handled> {
    return this.#find(message.stream)?.plan(message) ?? NOBODY;
  }

  @OnMessage('retry.due')
  async due(message: Incoming): Promise<Handled> {
    return this.#find(message.stream)?.due(message) ?? NOBODY;
  }
}
