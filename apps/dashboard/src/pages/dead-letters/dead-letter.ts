import type { DeadLetterFilter } from '@waybill/contracts';
import { queryOptions } from '@tanstack/react-query';
import { get } from '../../api/client.ts';

export const DEAD_LETTER_STATES = ['open', 'redriven', 'discarded'] as const;
type DeadLetterState = (typeof DEAD_LETTER_STATES)[number];

/** Open dead letters that have these in common. `endpointId` null: events that were set aside before anybody was to get them. */
export interface DeadLetterGroup {
  readonly tenantId: string;
  readonly endpointId: string | null;
  readonly reason: string;
  readonly region: string;
  readonly count: number;
  readonly oldest: string | null;
  readonly newest: string | null;
}

export interface DeadLetter {
  readonly id: string;
  readonly kind: 'delivery' | 'event';
  readonly at: string;
  readonly tenantId: string;
  readonly endpointId: string | null;
  readonly eventId: string;
  readonly eventType: string | null;
  /** That made it a dead letter. */
  readonly region: string;
  readonly reason: string;
  readonly detail: string | null;
  readonly httpStatus: number | null;
  readonly state: DeadLetterState;
  readonly resolved: {
    readonly at: string;
    readonly jobId: string | null;
    readonly actor: string | null;
    readonly reason: string | null;
  } | null;
}

/** One try of its delivery. */
export interface AttemptSeen {
  readonly attempt: number;
  readonly region: string;
  readonly at: string;
  readonly durationMs: number;
  readonly outcome: string;
  readonly httpStatus: number | null;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly response: string | null;
}

/** A dead letter with what led to it. `message`: first bytes of what is no event, as base64. */
export interface DeadLetterStory extends DeadLetter {
  readonly attempts: readonly AttemptSeen[];
  readonly message?: string;
}

export const deadLetterQuery = (id: string) =>
  queryOptions({
    queryKey: ['dead-letters', 'one', id],
    queryFn: ({ signal }) => get<DeadLetterStory>(`/v1/dead-letters/${encodeURIComponent(id)}`, signal),
  });

/** Which dead letters a command is about, as the API takes it: a filter always names the region. */
export type Choice = { readonly ids: readonly string[] } | { readonly filter: DeadLetterFilter & { readonly region: string } };
