import type { Attempt, EventStory, StoryDelivery } from './event-story.ts';

export const START_MS = Date.parse('2026-01-01T00:00:00.000Z');
export const isoAt = (ms: number): string => new Date(START_MS + ms).toISOString();

/** An attempt that began so many ms after the event was accepted. */
export const attemptAt = (ms: number, more: Partial<Attempt> = {}): Attempt => ({
  deliveryId: 'dlv_1',
  attempt: 1,
  region: 'eu',
  at: isoAt(ms),
  durationMs: 100,
  connectMs: null,
  firstByteMs: null,
  outcome: 'retryable',
  httpStatus: 503,
  reason: 'http_status',
  detail: 'the receiver answered 503',
  response: 'busy',
  ...more,
});

export const aDelivery = (more: Partial<StoryDelivery> = {}): StoryDelivery => ({
  id: 'dlv_1',
  eventId: 'evt_1',
  tenantId: 'acme',
  endpointId: 'ep_1',
  eventType: 'order.paid',
  region: 'eu',
  state: 'planned',
  attempts: more.history?.length ?? 0,
  lastHttpStatus: null,
  lastReason: null,
  nextAttemptAt: null,
  plannedAt: isoAt(0),
  updatedAt: isoAt(0),
  endedAt: null,
  endReason: null,
  jobId: null,
  replayOf: null,
  takeover: null,
  run: null,
  endpoint: { id: 'ep_1', url: 'https://shop.example/hook', disabled: null },
  history: [],
  ...more,
});

export const aStory = (deliveries: readonly StoryDelivery[], more: Partial<EventStory> = {}): EventStory => ({
  id: 'evt_1',
  tenantId: 'acme',
  eventType: 'order.paid',
  source: 'api',
  region: 'eu',
  acceptedAt: isoAt(0),
  state: 'planned',
  deliveryCount: deliveries.length,
  verdict: null,
  detail: null,
  correlationId: 'evt_1',
  orderingKey: null,
  version: 3,
  minCompatible: null,
  log: { stream: 'LOG_EU', acceptedSeq: 1, planSeq: 2, originSeq: 1 },
  payload: 'present',
  complete: true,
  plans: [{ region: 'eu', plannedIn: 'eu', at: isoAt(10), jobId: null }],
  dispatch: null,
  deliveries,
  ...more,
});
