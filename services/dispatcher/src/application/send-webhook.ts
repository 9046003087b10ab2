import { type AttemptOutcome, type DeliveryAttempted, type Endpoint, traceparentOf } from '@waybill/contracts';
import { classifyResponse } from '../domain/classify-response.ts';
import { decideNext } from '../domain/decide-next.ts';
import { signWebhook } from '../domain/standard-webhooks.ts';
import { attemptHeaders } from '../domain/webhook-headers.ts';
import type { AttemptPhases, SendResult } from './attempt-ports.ts';
import type { Channel, Sending, Sent } from './channel.ts';
import type { AttemptResult } from './endpoint-gate.ts';
import type { PreparedEndpoint } from './prepare-endpoint.ts';

export interface WebhookChannelPorts {
  readonly prepare: (endpoint: Endpoint) => PreparedEndpoint;
  readonly maxRetryAfterMs: number;
  readonly nowMs: () => number;
  /** In [0, 1). */
  readonly random: () => number;
}

/** Sends deliveries as signed webhooks. */
export class WebhookChannel implements Channel {
  readonly #ports: WebhookChannelPorts;

  constructor(ports: WebhookChannelPorts) {
    this.#ports = ports;
  }

  async send({ due, endpoint, payload, onCutOff, trace }: Sending): Promise<Sent> {
    const { prepare, nowMs, random } = this.#ports;
    const { headers, send, keysAt, schedule } = prepare(endpoint);
    const { deliveryId, eventId, attempt, replay } = due;
    const startedMs = nowMs();
    const timestampSeconds = Math.floor(startedMs / 1000);
    const signature = signWebhook({ id: eventId, timestampSeconds, body: payload.body }, keysAt(startedMs));
    const traceparent = endpoint.traceContext === true && trace !== undefined ? traceparentOf(trace.context) : undefined;
    const about = { eventId, eventType: payload.eventType, deliveryId, attempt, replay };
    const own = attemptHeaders({ ...about, timestampSeconds, signature, traceparent });
    const sent = await send([...headers, ...own], payload.body, onCutOff);
    const endedMs = nowMs();
    const outcome = this.#outcomeOf(sent, endedMs);
    const next = decideNext({ outcome, attempt, uncounted: due.uncounted, schedule, nowMs: endedMs, random: random() });
    const response = sent.kind === 'answered' ? sent.excerpt : undefined;
    const phases = sent.phases && wholeMs(sent.phases, endedMs - startedMs);
    return { kind: 'sent', startedMs, endedMs, outcome, next, result: resultOf(outcome), response, phases };
  }

  #outcomeOf(sent: SendResult, nowMs: number): AttemptOutcome {
    if (sent.kind === 'answered') return classifyResponse(sent, nowMs, this.#ports.maxRetryAfterMs);
    const { reason, detail } = sent;
    return { kind: reason === 'egress_denied' ? 'rejected' : 'retryable', reason, detail };
  }
}

/** Phases in whole ms, as everything in the fact is, and none longer than the attempt: the two clocks need not agree. */
function wholeMs({ connectMs, firstByteMs }: AttemptPhases, durationMs: number): DeliveryAttempted['phases'] {
  const whole = (ms: number): number => Math.max(0, Math.min(Math.floor(ms), durationMs));
  return {
    ...(connectMs === undefined ? {} : { connectMs: whole(connectMs) }),
    ...(firstByteMs === undefined ? {} : { firstByteMs: whole(firstByteMs) }),
  };
}

/** Whether the endpoint did well. It is not to blame for what the egress guard refused or the fence cut off. */
function resultOf(outcome: AttemptOutcome): AttemptResult {
  if (outcome.kind === 'accepted') return 'succeeded';
  return outcome.reason === 'egress_denied' || outcome.reason === 'fenced' ? 'untried' : 'failed';
}
