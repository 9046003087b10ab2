import { type Source, WaybillError } from '@waybill/contracts';
import { eventTypeOf, eventTypePaths } from '../domain/event-type-of.ts';
import { bodyHashOf, webhookKeyHash, webhookKeyOf } from '../domain/idempotency-key.ts';
import { verifySignature } from '../domain/verify-signature.ts';
import type { AcceptEvent, Accepted } from './accept-event.ts';
import type { ParseBody } from './parse-body.ts';
import type { Visit } from './visit.ts';

/** A webhook as it came in. `header` takes a lower-case name. */
export interface IncomingWebhook {
  readonly sourceId: string;
  readonly header: (name: string) => string | undefined;
  readonly body: Buffer;
  readonly visit?: Visit | undefined;
}

export interface ReceiveWebhookPorts {
  readonly accept: AcceptEvent;
  readonly parse: ParseBody;
  readonly source: (id: string) => Source | undefined;
  /** Takes one from the source's budget; returns the ms to wait when there was none left, else 0. */
  readonly takeFromBudget: (sourceId: string, nowMs: number) => number;
  readonly nowMs: () => number;
  readonly allowUnverified: boolean;
}

/** Takes one webhook of a provider in, or refuses it with a WaybillError. */
export type ReceiveWebhook = (webhook: IncomingWebhook) => Promise<Accepted>;

/** Builds the use case. The budget is charged after the signature: strangers must not use up what a provider may send. */
export function receiveWebhook(ports: ReceiveWebhookPorts): ReceiveWebhook {
  return async (webhook) => {
    const source = ports.source(webhook.sourceId);
    if (source === undefined) throw new WaybillError('WB_SOURCE_UNKNOWN', `there is no source ${webhook.sourceId}`);
    verify(source, webhook, ports);
    charge(source, ports);
    const { value } = await ports.parse(webhook.body, { paths: eventTypePaths(source) });
    const key = webhookKeyOf(source, webhook.header);
    return ports.accept({
      tenantId: source.tenantId,
      source: source.id,
      eventType: eventTypeOf(source, { header: webhook.header, body: value }),
      data: webhook.body,
      key: key === undefined ? undefined : { hash: webhookKeyHash(source, key), bodyHash: bodyHashOf(webhook.body) },
      visit: webhook.visit,
    });
  };
}

function verify(source: Source, webhook: IncomingWebhook, ports: ReceiveWebhookPorts): void {
  if (source.verification.kind === 'none' && !ports.allowUnverified) {
    throw new WaybillError('WB_VERIFICATION_NONE_REFUSED', `source ${source.id} verifies nothing`);
  }
  const refusal = verifySignature(source.verification, { header: webhook.header, body: webhook.body, nowMs: ports.nowMs() });
  if (refusal !== undefined) throw new WaybillError(refusal.code, refusal.detail);
}

function charge(source: Source, ports: ReceiveWebhookPorts): void {
  const waitMs = ports.takeFromBudget(source.id, ports.nowMs());
  if (waitMs === 0) return;
  const retryAfterSeconds = Math.ceil(waitMs / 1000);
  throw new WaybillError('WB_RATE_LIMITED', `source ${source.id} may send again in ${retryAfterSeconds} s`, {
    extra: { retryAfterSeconds },
  });
}
