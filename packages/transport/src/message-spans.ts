import type { JsMsg } from '@nats-io/jetstream';
import { HEADERS, parseFactSubject, recordedContext, type TraceContext } from '@waybill/contracts';
import { ATTRIBUTES, preciseNow, SPANS, type Attributes, type SpanRecord } from '@waybill/runtime/recording';
import type { Incoming } from './incoming.ts';

interface Began {
  readonly parent: TraceContext;
  readonly context: TraceContext;
  readonly startMs: number;
  readonly region: string | undefined;
}

/** The place that the writer of a message wrote into it; undefined when its trace is not recorded. */
export const parentOf = (message: JsMsg): TraceContext | undefined => recordedContext(message.headers?.get(HEADERS.traceparent) ?? '');

/** A message was stored, or was not: `error`. */
export function publishSpan(done: Began & { readonly subject: string; readonly stream?: string; readonly error?: string }): SpanRecord {
  const { subject, parent, context, startMs, region, stream, error } = done;
  const fact = factOf(subject);
  const attributes = { ...aboutMessage(fact, 'publish', 'send'), ...where(subject, region), [ATTRIBUTES.stream]: stream };
  return { name: SPANS.publish(fact), kind: 'producer', context, parent, startMs, endMs: preciseNow(), attributes, error };
}

/** A message was handled. Its writer is the parent, and also a link, which is what the conventions ask of who handles a single message. */
export function processSpan(
  done: Began & { readonly incoming: Incoming; readonly consumer: string; readonly outcome: string; readonly error: string | undefined },
): SpanRecord {
  const { incoming, consumer, parent, context, startMs, region, outcome, error } = done;
  const { subject, stream, deliveryCount } = incoming;
  const fact = factOf(subject);
  const attributes = {
    ...aboutMessage(fact, 'process', 'process'),
    ...where(subject, region),
    [ATTRIBUTES.stream]: stream,
    [ATTRIBUTES.consumer]: consumer,
    [ATTRIBUTES.deliveryCount]: deliveryCount > 1 ? deliveryCount : undefined,
    [ATTRIBUTES.outcome]: outcome,
  };
  return { name: SPANS.process(fact), kind: 'consumer', context, parent, links: [parent], startMs, endMs: preciseNow(), attributes, error };
}

const DUE = '.retry.due';
/** The subject without what would make a name of its own for each message. */
const factOf = (subject: string): string => parseFactSubject(subject)?.type ?? (subject.endsWith(DUE) ? 'retry.due' : 'message');

const aboutMessage = (fact: string, operation: string, type: string): Attributes => ({
  [ATTRIBUTES.system]: 'nats',
  [ATTRIBUTES.operation]: operation,
  [ATTRIBUTES.operationType]: type,
  [ATTRIBUTES.destination]: fact === 'retry.due' ? 'wb.{region}.retry.due' : `wb.{region}.{scope}.${fact}`,
});

const where = (subject: string, region: string | undefined): Attributes => ({
  [ATTRIBUTES.cloudRegion]: region,
  [ATTRIBUTES.regionLog]: subject.split('.')[1],
});
