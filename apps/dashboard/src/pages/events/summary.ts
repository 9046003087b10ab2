import type { Tone } from '../../parts/state.tsx';
import type { EventStory, StoryDelivery } from './event-story.ts';
import { deliveryWords } from './delivery-words.ts';
import { isUnderWay } from './timeline.ts';

/** How an event stands, in a sentence, and what to do when something is. */
export interface Summary {
  readonly tone: Tone;
  readonly title: string;
  readonly next: string;
}

/** Where a delivery goes, as people call it. */
export const placeOf = ({ endpoint, endpointId }: Pick<StoryDelivery, 'endpoint' | 'endpointId'>): string => {
  if (endpointId.startsWith('github:')) return `workflow ${endpointId.slice('github:'.length)}`;
  if (endpointId.startsWith('region.')) return `the default address of ${endpointId.slice('region.'.length)}`;
  return endpoint?.url.replace(/^https?:\/\//, '') ?? endpointId;
};

const placesOf = (deliveries: readonly StoryDelivery[]): string => {
  const [first, second, ...more] = [...new Set(deliveries.map(placeOf))];
  if (first === undefined) return 'nobody';
  if (second === undefined) return first;
  return more.length === 0 ? `${first} and ${second}` : `${first}, ${second} and others`;
};

/** Why the first of them failed; why the others did, their lanes say. */
function whyOf(deliveries: readonly StoryDelivery[], nowMs: number): string {
  const [first, second] = deliveries;
  if (first === undefined) return '';
  const { what } = deliveryWords(first, nowMs);
  return second === undefined ? what : `The first one: ${what}`;
}

/** Says at a glance how an event stands: the worst first. */
export function summaryOf(story: EventStory, nowMs: number): Summary {
  const { deliveries, state, eventType, tenantId } = story;
  if (state === 'refused')
    return { tone: 'bad', title: `Set aside: ${(story.verdict ?? 'not readable').replaceAll('_', ' ')}`, next: story.detail ?? '' };
  if (deliveries.length === 0) return nothingPlanned(story);
  const of = (...states: readonly StoryDelivery['state'][]): StoryDelivery[] => deliveries.filter((one) => states.includes(one.state));
  const failed = of('dead_lettered');
  if (failed.length > 0)
    return {
      tone: 'bad',
      title: `Not delivered to ${placesOf(failed)}`,
      next: `${whyOf(failed, nowMs)} It is not tried any more by itself.`,
    };
  const retrying = of('retrying');
  if (retrying.length > 0)
    return {
      tone: 'warn',
      title: `Not delivered to ${placesOf(retrying)} yet`,
      next: `${whyOf(retrying, nowMs)} The next attempt comes by itself.`,
    };
  if (deliveries.some(isUnderWay)) return { tone: 'busy', title: 'On its way', next: `To ${placesOf(deliveries.filter(isUnderWay))}.` };
  const denied = of('denied');
  if (denied.length > 0)
    return { tone: 'bad', title: `Denied for ${placesOf(denied)}`, next: 'What may not be delivered is not tried again.' };
  if (!story.complete)
    return { tone: 'good', title: `${eventType} of ${tenantId}`, next: 'There are more deliveries than are shown here.' };
  return { tone: 'good', title: 'Delivered', next: `To ${placesOf(of('delivered'))}.` };
}

function nothingPlanned({ state, eventType, tenantId, region, dispatch }: EventStory): Summary {
  if (dispatch !== null && state !== 'accepted')
    return {
      tone: 'off',
      title: 'No workflow was dispatched for this run',
      next: 'The page of the dispatch says why, with the rule that decided.',
    };
  if (state === 'unmatched')
    return {
      tone: 'off',
      title: 'Nobody wanted it',
      next: `No endpoint of ${tenantId} took ${eventType} when it was planned. Register one, then replay the event into it.`,
    };
  if (state === 'accepted')
    return { tone: 'busy', title: 'Accepted, not planned yet', next: `The planner of ${region} has it next; that takes milliseconds.` };
  return { tone: 'busy', title: 'Planned', next: 'Its deliveries are not read yet.' };
}
