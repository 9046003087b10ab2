import { parseGithubEndpointId } from '@waybill/contracts';
import { z } from 'zod';
import { duration } from '../terminal/print.ts';
import { type DispatchStory, outcomeLines, skipLines } from './dispatch.ts';

const attemptSchema = z.object({
  attempt: z.number(),
  at: z.string(),
  durationMs: z.number(),
  outcome: z.string(),
  httpStatus: z.number().nullable(),
  reason: z.string().nullable(),
  detail: z.string().nullable(),
  response: z.string().nullable(),
});

const deliverySchema = z.object({
  id: z.string(),
  endpointId: z.string(),
  state: z.string(),
  attempts: z.number(),
  nextAttemptAt: z.string().nullable(),
  plannedAt: z.string(),
  endedAt: z.string().nullable(),
  endReason: z.string().nullable(),
  endpoint: z.object({ url: z.string() }).nullable(),
  history: z.array(attemptSchema),
});

/** What `GET /v1/events/{id}` tells, as far as the terminal shows it. */
export const storySchema = z.object({
  id: z.string(),
  tenantId: z.string(),
  eventType: z.string(),
  source: z.string(),
  region: z.string(),
  acceptedAt: z.string(),
  state: z.string(),
  verdict: z.string().nullable(),
  detail: z.string().nullable(),
  payload: z.string(),
  complete: z.boolean(),
  deliveries: z.array(deliverySchema),
  data: z.unknown(),
});
export type EventStory = z.output<typeof storySchema>;
type Delivery = z.output<typeof deliverySchema>;
type Attempt = z.output<typeof attemptSchema>;

const PAYLOAD_SHOWN = 600;

/** The story of an event for a terminal: one line a step, times as distances from its acceptance. `dispatch`: what was decided, where it is a finished workflow run. */
export function storyLines(story: EventStory, dispatch?: DispatchStory): string[] {
  const since = (at: string): string => `+${duration(Math.max(0, Date.parse(at) - Date.parse(story.acceptedAt)))}`;
  return [
    `${story.id}  ${story.eventType}`,
    `  tenant ${story.tenantId}, source ${story.source}, region ${story.region}`,
    `  ${story.acceptedAt}  accepted`,
    ...planLines(story, dispatch),
    ...story.deliveries.flatMap((delivery) => [
      ...deliveryLines(delivery, since),
      ...(dispatch?.targets.filter(({ deliveryId }) => deliveryId === delivery.id) ?? []).flatMap(outcomeLines),
    ]),
    ...(story.complete ? [] : ['  … and more deliveries: GET /v1/deliveries?eventId=' + story.id]),
    `  payload: ${payloadText(story)}`,
  ];
}

function planLines(story: EventStory, dispatch: DispatchStory | undefined): string[] {
  const skipped = skipLines(dispatch?.skip ?? null);
  if (story.state === 'refused') return [`  refused: ${story.verdict ?? ''} (${story.detail ?? ''})`];
  if (story.state === 'accepted') return [...skipped, '  not planned yet'];
  if (story.state === 'planned')
    return [...skipped, `  planned: ${story.deliveries.length} ${story.deliveries.length === 1 ? 'delivery' : 'deliveries'}`];
  if (skipped.length > 0) return skipped;
  return [story.deliveries.length === 0 ? '  planned: no endpoint subscribes to it' : '  planned: nothing, all targets are denied'];
}

/** A workflow on GitHub is its own address. */
const addressOf = ({ endpoint, endpointId }: Delivery): string =>
  endpoint?.url ?? (parseGithubEndpointId(endpointId) === undefined ? 'endpoint deleted' : '');

function deliveryLines(delivery: Delivery, since: (at: string) => string): string[] {
  const end = delivery.endReason === null ? '' : ` (${delivery.endReason})`;
  return [
    `  → ${delivery.endpointId}  ${addressOf(delivery)}`.trimEnd(),
    ...delivery.history.map((attempt) => `      ${since(attempt.at)}  attempt ${attempt.attempt}: ${attemptText(attempt)}`),
    ...(delivery.nextAttemptAt === null ? [] : [`      ${since(delivery.nextAttemptAt)}  next attempt is due`]),
    `      ${delivery.state}${end}${delivery.endedAt === null ? '' : `  ${since(delivery.endedAt)}`}`,
  ];
}

function attemptText(attempt: Attempt): string {
  const status = attempt.httpStatus === null ? '' : ` ${attempt.httpStatus}`;
  const why = attempt.reason === null ? '' : `  ${attempt.reason}: ${attempt.detail ?? ''}`;
  const said = attempt.response === null || attempt.response === '' ? '' : `  "${attempt.response.slice(0, 80)}"`;
  return `${attempt.outcome}${status} in ${duration(attempt.durationMs)}${why}${said}`;
}

function payloadText(story: EventStory): string {
  if (story.payload !== 'present') return `(${story.payload})`;
  const text = JSON.stringify(story.data);
  return text.length > PAYLOAD_SHOWN ? `${text.slice(0, PAYLOAD_SHOWN)}… (${text.length} characters)` : text;
}
