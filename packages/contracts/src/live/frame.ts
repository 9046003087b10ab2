import type { DeliveryState } from '../facts/facts.ts';

/** Most rows of one kind that a frame names; when more changed, `more` says so. */
export const MOST_IN_FRAME = 50;

/** What one batch of facts changed in the read models, sent after it was stored. Ids in the order in which they changed, each once. */
export interface LiveFrame {
  /** When it was stored. */
  readonly at: string;
  readonly events?: readonly { readonly id: string; readonly tenantId: string; readonly eventType: string; readonly state: string }[];
  readonly deliveries?: readonly {
    readonly id: string;
    readonly eventId: string;
    readonly tenantId: string;
    readonly endpointId: string;
    readonly state: DeliveryState;
  }[];
  /** Ids of dead letters that came, went or were settled. */
  readonly deadLetters?: readonly string[];
  /** Ids of the events of runs whose dispatches changed; none when a region has only looked for lost webhooks. */
  readonly dispatches?: readonly string[];
  readonly jobs?: readonly string[];
  /** Regions whose state, spilling or takeovers changed. */
  readonly regions?: readonly string[];
  /** An operator did something: the audit has more. */
  readonly audit?: true;
  /** Tenants or endpoints were changed or removed. */
  readonly registry?: true;
  /** How fast answers were, and what was refused, was measured. */
  readonly stats?: true;
  /** Of the kinds that are here more changed than is named: whoever follows one of them asks for all of it again. */
  readonly more?: true;
}

/** The read models' own state, sent at the start, when it changes, and every ten seconds at least. */
export interface LiveState {
  /** `behind`: messages of LOG and PEERS that are not read yet; null while that cannot be known. */
  readonly behind: number | null;
  readonly rebuilding: boolean;
  /** What is wrong, by part; empty when nothing is. */
  readonly problems: readonly { readonly part: string; readonly detail: string }[];
}

/**
 * Events of `GET /v1/live`: `change` carries a `LiveFrame`, `state` a `LiveState`, `reset` nothing: what was missed is not known, ask for everything again. The
 * id that an event leaves behind is a position in the logs: who comes back with it (`Last-Event-ID`, else the query parameter `lastEventId`) gets everything
 * after it, some of it perhaps twice. Whoever comes without one is given the present position first, and asks for everything once when that is open.
 */
export const LIVE_EVENTS = ['change', 'state', 'reset'] as const;
export type LiveEvent = (typeof LIVE_EVENTS)[number];
