import type { Endpoint } from '@waybill/contracts';
import { matchesEventType } from './match-event-type.ts';
import { matchesFilter } from './match-filter.ts';

/** Stands for a payload that is lost: nobody can say that a filter does not match it, and the loss must be told to whoever may be owed the event. */
export const LOST_DATA = Symbol('lost data');

const isSubscribed = ({ disabled, eventTypes }: Endpoint, eventType: string): boolean =>
  disabled === undefined && eventTypes.some((pattern) => matchesEventType(pattern, eventType));

/** Whether it takes the payload to say which endpoints an event is owed to. */
export const asksForData = (eventType: string, endpoints: readonly Endpoint[]): boolean =>
  endpoints.some((endpoint) => endpoint.filter !== undefined && isSubscribed(endpoint, eventType));

/**
 * The endpoints that an event is owed to. Disabled ones are left out. `parseData` is called at most once, and only when a filter asks:
 * most events are routed by their type alone, without their payload being parsed.
 */
export function chooseEndpoints(eventType: string, endpoints: readonly Endpoint[], parseData: () => unknown): Endpoint[] {
  let data: unknown;
  let parsed = false;
  const payload = (): unknown => {
    if (!parsed) data = parseData();
    parsed = true;
    return data;
  };
  const fits = ({ filter }: Endpoint): boolean => filter === undefined || payload() === LOST_DATA || matchesFilter(filter, payload());
  return endpoints.filter((endpoint) => isSubscribed(endpoint, eventType) && fits(endpoint));
}
