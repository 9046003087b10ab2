import type { Endpoint } from '@waybill/contracts';
import { matchesEventType } from './match-event-type.ts';
import { matchesFilter } from './match-filter.ts';

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
  return endpoints.filter(
    ({ disabled, eventTypes, filter }) =>
      disabled === undefined &&
      eventTypes.some((pattern) => matchesEventType(pattern, eventType)) &&
      (filter === undefined || matchesFilter(filter, payload())),
  );
}
