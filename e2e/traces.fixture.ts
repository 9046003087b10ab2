import { rootSpanIdOf, type Span, traceIdOf, traceparentOf, type TraceView, traceViewSchema } from '@waybill/contracts';
import { eventually, type ReceivedRequest, type Receiver } from '@waybill/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { LocalStack } from './stack.fixture.ts';

const SLOW_MS = 60_000;
const [US, EU] = ['us-central1', 'europe-west1'] as const;
const created = z.object({ id: z.string() });
/** Of whoever sends the event, in tracing of their own. */
const CALLER = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };

/** A span with the one above it, in words that are the same in every run. */
function edge(span: Span, { spans }: TraceView): string {
  const place = ({ kind, name, service, region }: Span): string => `${region} ${service.replace('waybill-', '')} ${kind} ${name}`;
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
  return `${parent === undefined ? '' : `${place(parent)} → `}${place(span)}`;
}

export const edgesOf = (trace: TraceView): string[] => trace.spans.map((span) => edge(span, trace)).toSorted();

/** A trace as a region's door shows it once it is complete. */
export async function traceWhen(
  stack: LocalStack,
  region: string,
  id: string,
  isComplete: (trace: TraceView) => boolean,
): Promise<TraceView> {
  let last: unknown;
  let trace: TraceView | undefined;
  const isThere = async (): Promise<boolean> => {
    ({ body: last } = await stack.at(region, { method: 'GET', path: `/v1/traces/${id}` }));
    trace = traceViewSchema.safeParse(last).data;
    return trace !== undefined && isComplete(trace);
  };
  const state = (): string => (trace === undefined ? JSON.stringify(last) : edgesOf(trace).join('\n'));
  await eventually(isThere, SLOW_MS, () => `the trace of ${id} is not complete: ${state()}`);
  if (trace === undefined) throw new Error('no trace');
  return trace;
}

/** What a delivery in `region` adds to the trace of an event that came in at the first one. */
const deliveryIn = (region: string): string[] => {
  const [handled, sent] = [`${region} dispatcher consumer process plan.made`, `${region} dispatcher client POST`];
  const told = `${region} dispatcher producer publish delivery.attempted`;
  const planned = `${US} planner producer publish plan.made`;
  return [
    `${US} planner consumer process event.accepted → ${planned}`,
    `${planned} → ${handled}`,
    `${handled} → ${sent}`,
    `${sent} → ${told}`,
    ...[US, EU].flatMap((place) => [
      `${planned} → ${place} projector consumer project plan.made`,
      `${told} → ${place} projector consumer project delivery.attempted`,
    ]),
  ];
};

const stored = `${US} ingress producer publish event.accepted`;
const came = `${US} ingress server POST /v1/tenants/:tenantId/events`;
const WHOLE = [
  came,
  `${came} → ${stored}`,
  `${stored} → ${US} planner consumer process event.accepted`,
  ...[US, EU].map((place) => `${stored} → ${place} projector consumer project event.accepted`),
  ...deliveryIn(US),
  ...deliveryIn(EU),
].toSorted();

/** Declares what two traced regions must show of an event that comes in at the first and goes out at both. */
export function showsATrace(running: () => { readonly stack: LocalStack; readonly receiver: Receiver }): void {
  describe('show the trace of an event that comes in at one of them and goes out at the other, too', () => {
    let stack: LocalStack;
    let eventId: string;
    let joining: ReceivedRequest | undefined;
    let alone: ReceivedRequest | undefined;
    let trace: TraceView;

    const at = (region: string, method: string, path: string, body?: unknown): ReturnType<LocalStack['at']> =>
      stack.at(region, { method, path, body });

    beforeAll(async () => {
      const { receiver } = running();
      ({ stack } = running());
      await at(US, 'PUT', '/v1/tenants/traced', {});
      await at(US, 'POST', '/v1/tenants/traced/endpoints', { id: 'alone', url: `${receiver.url}/alone`, region: US });
      const endpoint = { id: 'joining', url: `${receiver.url}/joining`, region: EU, traceContext: true };
      expect((await at(US, 'POST', '/v1/tenants/traced/endpoints', endpoint)).status).toBe(201);
      const headers = { traceparent: traceparentOf(CALLER) };
      const body = { eventType: 'order.paid', data: {} };
      eventId = created.parse((await stack.at(US, { method: 'POST', path: '/v1/tenants/traced/events', body, headers })).body).id;
      const at2 = (path: string): ReceivedRequest | undefined =>
        receiver.requests.find((one) => one.path === path && one.headers['webhook-id'] === eventId);
      await eventually(() => {
        [joining, alone] = [at2('/joining'), at2('/alone')];
        return joining !== undefined && alone !== undefined;
      }, SLOW_MS);
      trace = await traceWhen(stack, US, eventId, ({ spans }) => spans.length >= WHOLE.length);
    });

    it('from the request to the read models of both, each step under the one that led to it', () => {
      expect(edgesOf(trace)).toEqual(WHOLE);
      expect(trace.isWhole).toBe(true);
      expect(trace.spans.filter(({ error }) => error !== undefined)).toEqual([]);
    });

    it('which has the id of the event, and links to what its sender traces', () => {
      expect(trace.traceId).toBe(traceIdOf(eventId));
      const [root] = trace.spans;
      expect(root).toMatchObject({ spanId: rootSpanIdOf(trace.traceId), links: [CALLER] });
      expect(new Set(trace.spans.map(({ traceId }) => traceId))).toEqual(new Set([trace.traceId]));
    });

    it('to a receiver that asked for it, as the place of the attempt, and to no other', () => {
      const attempt = trace.spans.find(({ kind, region }) => kind === 'client' && region === EU);
      expect(joining?.headers['traceparent']).toBe(traceparentOf({ traceId: trace.traceId, spanId: attempt?.spanId ?? '' }));
      expect(alone?.headers['traceparent']).toBeUndefined();
    });

    it('at any door, by the id of the event, the trace or a delivery', async () => {
      const delivery = joining?.headers['waybill-delivery-id'] ?? '';
      for (const id of [eventId, trace.traceId, delivery]) {
        const { status, body } = await at(EU, 'GET', `/v1/traces/${id}`);
        expect({ id, status, traceId: traceViewSchema.parse(body).traceId }).toEqual({ id, status: 200, traceId: trace.traceId });
      }
    });
  });
}
