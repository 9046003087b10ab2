import { queryOptions } from '@tanstack/react-query';
import { get } from './client.ts';

/** Which versions of the envelope are read. */
export interface EventSchema {
  readonly version: number;
  readonly minCompatible: number;
}

/** A variable as this process took it in. `masked`: it is a secret, and its value stays where it is. */
export interface Variable {
  readonly name: string;
  readonly value?: unknown;
  readonly masked?: boolean;
  readonly isDefault: boolean;
}

/** What a region runs with. `regions`: entries of REGIONS_CONFIG, their keys masked. */
export interface Settings {
  readonly region: string;
  readonly version: string;
  readonly variables: readonly Variable[];
  readonly regions: readonly Readonly<Record<string, unknown>>[];
  readonly eventSchema: EventSchema;
  /** Address of a trace in a tool of their own, with `{traceId}` or `{eventId}` in it. */
  readonly traceLink?: string;
  readonly flags: Readonly<Record<string, unknown>>;
}

export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: ({ signal }) => get<Settings>('/v1/settings', signal),
  staleTime: 300_000,
});
