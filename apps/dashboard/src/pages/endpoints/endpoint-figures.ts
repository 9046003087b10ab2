import { queryOptions, useQueries } from '@tanstack/react-query';
import { get, pathOf } from '../../api/client.ts';
import type { Bucket } from '../regions/figures.ts';

/** One attempt to deliver. */
export interface Attempt {
  readonly deliveryId: string;
  readonly attempt: number;
  readonly eventId: string;
  readonly region: string;
  readonly at: string;
  readonly durationMs: number;
  readonly outcome: 'accepted' | 'rejected' | 'retryable';
  readonly httpStatus: number | null;
  readonly reason: string | null;
  readonly detail: string | null;
}

/** Figures of one endpoint: all of its time, this hour, this day of UTC, and its newest attempt. */
export interface EndpointFigures {
  readonly endpointId: string;
  readonly totals: {
    readonly deliveries: Readonly<Record<string, number>>;
    readonly attempts: Readonly<Record<string, number>>;
    readonly deadLetters?: Readonly<Record<string, number>>;
  };
  readonly hour: Bucket | null;
  readonly day: Bucket | null;
  readonly lastAttempt: Attempt | null;
}

export const figuresQuery = (ids: readonly string[]) =>
  queryOptions({
    queryKey: ['stats', 'endpoints', ids],
    queryFn: ({ signal }) =>
      get<{ readonly data: readonly EndpointFigures[] }>(pathOf('/v1/stats/endpoints', { ids: ids.join(',') }), signal),
    enabled: ids.length > 0,
  });

interface Answered {
  readonly data: { readonly data: readonly EndpointFigures[] } | undefined;
}
const byEndpoint = (answers: readonly Answered[]): ReadonlyMap<string, EndpointFigures> =>
  new Map(answers.flatMap(({ data }) => data?.data ?? []).map((one) => [one.endpointId, one]));

/** The figures of all endpoints of some pages, asked for page by page, by endpoint. */
export function useFigures(pages: readonly (readonly { readonly id: string }[])[]): ReadonlyMap<string, EndpointFigures> {
  return useQueries({
    queries: pages.map((page) => figuresQuery(page.map(({ id }) => id))),
    combine: byEndpoint,
  });
}

/** The share of attempts that were accepted, as text; a dash when there were none. Never 100 % while one failed. */
export function rateText(figures: Pick<Bucket, 'attempts' | 'failedAttempts'> | null | undefined): string {
  if (figures === null || figures === undefined || figures.attempts === 0) return '–';
  const percent = (1 - figures.failedAttempts / figures.attempts) * 100;
  return `${Math.floor(percent * 10 + 1e-6) / 10} %`;
}

/** Milliseconds as text, exact to three digits or so; from a second on in seconds. */
export function msText(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '–';
  if (ms >= 1_000) return `${Math.round(ms / 10) / 100} s`;
  return `${ms >= 100 ? Math.round(ms) : Math.round(ms * 10) / 10} ms`;
}
