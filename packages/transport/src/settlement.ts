import type { JsMsg } from '@nats-io/jetstream';
import { assertNever } from '@waybill/contracts';

/** What a handler did with a message. `poison`: it can never be handled; `again`: it may work later. */
export type Handled =
  | { readonly kind: 'done' }
  | { readonly kind: 'again'; readonly delayMs: number; readonly reason?: string }
  | { readonly kind: 'poison'; readonly reason: string };

export const DONE: Handled = { kind: 'done' };

export function isHandled(value: unknown): value is Handled {
  return typeof value === 'object' && value !== null && 'kind' in value && ['done', 'again', 'poison'].includes(String(value.kind));
}

/** Answers the broker for one message. The only place that does: append first, settle after. */
export function settle(message: JsMsg, handled: Handled): void {
  switch (handled.kind) {
    case 'done':
      return message.ack();
    case 'again':
      return message.nak(handled.delayMs);
    case 'poison':
      return message.term(handled.reason);
    default:
      return assertNever(handled);
  }
}
