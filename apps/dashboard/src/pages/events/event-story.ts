import type { BodyRef, DeliveryState } from '@waybill/contracts';
import { promised } from '../../api/promised.ts';

/** An event of the list. */
export interface EventRow {
  readonly id: string;
  readonly tenantId: string;
  readonly eventType: string;
  readonly source: string;
  readonly region: string;
  readonly acceptedAt: string;
  readonly state: 'accepted' | 'planned' | 'unmatched' | 'refused';
  readonly deliveryCount: number;
}

/** An event as the list tells it, with how its deliveries stand. `failed`: dead-lettered or denied; what was made again counts once. */
export interface ListedEvent extends EventRow {
  readonly progress: { readonly open: number; readonly delivered: number; readonly failed: number };
}

/** One try. `connectMs`, `firstByteMs`: from its start; null when not measured, or when there was none. */
export interface Attempt {
  readonly deliveryId: string;
  readonly attempt: number;
  readonly region: string;
  readonly at: string;
  readonly durationMs: number;
  readonly connectMs: number | null;
  readonly firstByteMs: number | null;
  readonly outcome: 'accepted' | 'retryable' | 'rejected';
  readonly httpStatus: number | null;
  readonly reason: string | null;
  readonly detail: string | null;
  /** The first bytes of the answer, as text. */
  readonly response: string | null;
}

/** A delivery as lists show it. */
export interface Delivery {
  readonly id: string;
  readonly eventId: string;
  readonly tenantId: string;
  readonly endpointId: string;
  readonly eventType: string;
  readonly region: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly lastHttpStatus: number | null;
  readonly lastReason: string | null;
  readonly nextAttemptAt: string | null;
  readonly plannedAt: string;
  readonly updatedAt: string;
  readonly endedAt: string | null;
  readonly endReason: string | null;
  /** The job that made it, and in whose place. */
  readonly jobId: string | null;
  readonly replayOf: string | null;
  readonly takeover: { readonly of: string; readonly by: string; readonly at: string } | null;
  /** The workflow run that it started. */
  readonly run: { readonly id: string | null; readonly url: string | null; readonly conclusion: string | null } | null;
}

/** A delivery within the story of its event. */
export interface StoryDelivery extends Delivery {
  readonly endpoint: { readonly id: string; readonly url: string; readonly disabled: string | null } | null;
  readonly history: readonly Attempt[];
}

/** Everything that is known of one event, as `GET /v1/events/{id}` tells it, without its payload. */
export interface EventStory extends EventRow {
  readonly verdict: string | null;
  readonly detail: string | null;
  readonly correlationId: string;
  readonly orderingKey: string | null;
  /** Null where only later facts are known. */
  readonly version: number | null;
  readonly minCompatible: number | null;
  readonly log: {
    readonly stream: string | null;
    readonly acceptedSeq: number | null;
    readonly planSeq: number | null;
    readonly originSeq: number | null;
  };
  readonly payload: 'present' | 'referenced' | 'unreadable' | 'expired' | 'unreachable';
  readonly bodyRef?: BodyRef;
  /** False when there are more deliveries or attempts than one answer holds. */
  readonly complete: boolean;
  readonly plans: readonly { readonly region: string; readonly plannedIn: string; readonly at: string; readonly jobId: string | null }[];
  readonly dispatch: { readonly state: string; readonly repository: string; readonly workflow: string } | null;
  readonly deliveries: readonly StoryDelivery[];
}

/** An event's story and its payload. `payload`: JSON as it came in, for a number that is parsed and written again may change. */
export interface ReadEvent {
  readonly story: EventStory;
  readonly payload: string;
}

const DATA_MEMBER = ',"data":';

/** Takes the answer of `GET /v1/events/{id}` apart. The payload is its last member; a quote within a JSON string is escaped, so the first `,"data":` is that member. */
export function readEvent(text: string): ReadEvent {
  const at = text.indexOf(DATA_MEMBER);
  if (at < 0) throw new SyntaxError('the event has no "data" member');
  return { story: promised<EventStory>(`${text.slice(0, at)}}`), payload: text.slice(at + DATA_MEMBER.length, -1) };
}
