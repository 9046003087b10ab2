import { spanText } from '../../parts/span-text.ts';
import { isWorkflow, reasonWords } from '../../parts/dead-letter-reasons.ts';
import { attemptWords, remedyWords } from './attempt-words.ts';
import type { StoryDelivery } from './event-story.ts';

/** What happened to a delivery, and what happens next or what is to be done. */
export interface DeliveryWords {
  readonly what: string;
  readonly next: string;
}

/** Who answered. */
const whoOf = (endpointId: string): string => (isWorkflow(endpointId) ? 'GitHub' : 'the receiver');

const timesWords = (count: number): string => (count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`);

/** How often a delivery was tried, and what came of the last time. */
function triedWords({ attempts, history, endpointId }: StoryDelivery): string {
  const last = history.at(-1);
  return last === undefined
    ? 'It was not tried.'
    : `Tried ${timesWords(attempts)}; the last time ${whoOf(endpointId)} ${attemptWords(last)}.`;
}

/** Tells a delivery in two sentences. */
export function deliveryWords(delivery: StoryDelivery, nowMs: number): DeliveryWords {
  const { state, history, endReason } = delivery;
  const last = history.at(-1);
  const tried = triedWords(delivery);
  switch (state) {
    case 'delivered':
      return { what: last === undefined ? 'Delivered.' : deliveredWords(delivery, last.durationMs), next: '' };
    case 'dead_lettered': {
      if (endReason === 'attempts_exhausted' && last !== undefined) return { what: tried, next: `${remedyWords(last)} Then try it again.` };
      const { means, first } = reasonWords(endReason ?? '');
      return { what: `${tried} ${means}`, next: first };
    }
    case 'denied':
      return {
        what: `${tried} It may not be delivered: ${(endReason ?? 'not allowed').replaceAll('_', ' ')}.`,
        next: deniedNext(delivery),
      };
    case 'superseded':
      return { what: `${tried} A job made another delivery in its place.`, next: '' };
    case 'retrying':
      return { what: tried, next: nextWords(delivery, nowMs) };
    case 'delivering':
      return { what: last === undefined ? 'It is being tried for the first time.' : tried, next: 'It is being tried right now.' };
    default:
      return { what: 'It is planned, and waits for its first attempt.', next: waitWords(delivery) };
  }
}

const deliveredWords = ({ attempts, history, endpointId }: StoryDelivery, tookMs: number): string =>
  `${whoOf(endpointId).replace('the', 'The')} ${attemptWords(history.at(-1) ?? { outcome: 'accepted', httpStatus: null, reason: null })} in ${spanText(tookMs)}${
    attempts === 1 ? '' : `, at attempt ${attempts}`
  }.`;

function nextWords({ nextAttemptAt, attempts, endpoint }: StoryDelivery, nowMs: number): string {
  if (nextAttemptAt === null) return 'It is tried again as soon as its turn comes.';
  const inMs = Date.parse(nextAttemptAt) - nowMs;
  const paused = endpoint?.disabled ? ` The endpoint is disabled (${endpoint.disabled}): take it up again first.` : '';
  return `Attempt ${attempts + 1} ${dueWords(inMs)}${paused}`;
}

/** What is due is made within a moment; else something holds it up. */
const HELD_UP_MS = 10_000;

function dueWords(inMs: number): string {
  if (inMs > 0) return `comes by itself in ${spanText(inMs)}.`;
  if (inMs > -HELD_UP_MS) return 'is due now.';
  return `was due ${spanText(-inMs)} ago: a rate limit, an open circuit or the order of its key holds it up.`;
}

const waitWords = ({ endpoint, takeover, region }: StoryDelivery): string =>
  endpoint?.disabled
    ? `The endpoint is disabled (${endpoint.disabled}): take it up again.`
    : `${takeover?.by ?? region} makes it when its turn comes; a rate limit, an open circuit or the order of its key may hold it up.`;

const deniedNext = ({ endpointId, endReason }: StoryDelivery): string =>
  isWorkflow(endpointId) ? 'The dispatch says which rule denied it.' : remedyWords({ httpStatus: null, reason: endReason });
