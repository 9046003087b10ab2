import type { Endpoint, EnvelopeHead } from '@waybill/contracts';
import { matchesEventType } from './match-event-type.ts';
import { matchesFilter } from './match-filter.ts';

/** Stands for a payload that is lost: nobody can say that a filter does not match it, and the loss must be told to whoever may be owed the event. */
export const LOST_DATA = Symbol('lost data');

/** An event, as far as it says for whom it is before its payload is looked at. */
export type Addressed = Pick<EnvelopeHead, 'eventType' | 'onlyTo'>;

const isAddressed = ({ id, disabled, eventTypes }: Endpoint, { eventType, onlyTo }: Addressed): boolean =>
  disabled === undefined && (onlyTo === undefined ? eventTypes.some((pattern) => matchesEventType(pattern, eventType)) : id === onlyTo);

/** The filter that decides about an event; one that is for this endpoint alone gets past it. */
const filterFor = ({ filter }: Endpoint, { onlyTo }: Addressed): Endpoint['filter'] => (onlyTo === undefined ? filter : undefined);

/** Whether it takes the payload to say which endpoints an event is owed to. */
export const asksForData = (event: Addressed, endpoints: readonly Endpoint[]): boolean =>
  endpoints.some((endpoint) => filterFor(endpoint, event) !== undefined && isAddressed(endpoint, event));

/**
 * The endpoints that an event is owed to: those that subscribe to it, or the one that it is only for. Disabled ones are left out. `parseData` is called at
 * most once, and only when a filter asks: most events are routed by their type alone, without their payload being parsed.
 */
export function chooseEndpoints(event: Addressed, endpoints: readonly Endpoint[], parseData: () => unknown): Endpoint[] {
  let data: unknown;
  let parsed = false;
  const payload = (): unknown => {
    if (!parsed) data = parseData();
    parsed = true;
    return data;
  };
  const fits = (filter: Endpoint['filter']): boolean => filter === undefined || payload() === LOST_DATA || matchesFilter(filter, payload());
  return endpoints.filter((endpoint) => isAddressed(endpoint, event) && fits(filterFor(endpoint, event)));
}
