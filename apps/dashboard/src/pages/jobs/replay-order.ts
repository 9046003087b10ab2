/** Where a replay sends what it finds. */
export const DESTINATIONS = [
  { name: 'then', words: 'The same destinations: the endpoints that each event was sent to then' },
  { name: 'now', words: 'Evaluated again: the endpoints that want it today' },
  { name: 'into', words: 'Into one endpoint, whether or not it got them then' },
] as const;
export type Destination = (typeof DESTINATIONS)[number]['name'];

/** The fields of the form as they were typed; empty where nothing was. Times as the browser's clock tells them. */
export interface ReplayForm {
  readonly from: string;
  readonly to: string;
  readonly tenantId: string;
  readonly eventTypes: string;
  readonly region: string;
  readonly destination: Destination;
  /** The only endpoint that is sent to. */
  readonly endpointId: string;
  readonly rate: string;
  readonly reason: string;
}

const isoOf = (local: string): string => new Date(local).toISOString();

/** The body of `POST /v1/replays`. It is only planned: nothing is sent before somebody starts the job. Throws RangeError for what is no time. */
export function replayBody({ from, to, tenantId, eventTypes, region, destination, endpointId, rate, reason }: ReplayForm): object {
  const types = eventTypes.split(/[\s,]+/).filter((type) => type !== '');
  return {
    from: isoOf(from),
    to: isoOf(to),
    ...(tenantId === '' ? {} : { tenantId }),
    ...(types.length === 0 ? {} : { eventTypes: types }),
    ...(region === '' ? {} : { region }),
    ...(destination === 'into' ? { into: endpointId } : { destinations: destination, ...(endpointId === '' ? {} : { endpointId }) }),
    ...(rate === '' ? {} : { ratePerSecond: Number(rate) }),
    reason,
  };
}

/** A time as `<input type="datetime-local">` wants it, by this browser's clock; exact to the ms, for a replay may be of one event. */
export function localText(atMs: number): string {
  const offsetMs = new Date(atMs).getTimezoneOffset() * 60_000;
  return new Date(atMs - offsetMs)
    .toISOString()
    .slice(0, 23)
    .replace(/(?::00)?\.000$/, '');
}
