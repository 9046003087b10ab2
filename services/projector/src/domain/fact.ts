import type {
  DeliveryAttempted,
  DeliveryRefused,
  EventRefused,
  PlanHead,
  RegionBeat,
  RegionChanged,
  RegionSpilled,
  TakeoverClaimed,
  TakeoverClosed,
} from '@waybill/contracts';

/** Where a message stands: its stream, its sequence there, and when it was stored (ms since 1970). */
export interface Position {
  readonly stream: string;
  readonly seq: number;
  readonly atMs: number;
}

/** What the projection needs of an accepted event; its payload stays in the LOG. */
export interface AcceptedEvent {
  readonly eventId: string;
  readonly tenantId: string;
  readonly eventType: string;
  readonly source: string;
  readonly region: string;
  readonly correlationId: string;
  readonly orderingKey?: string | undefined;
}

/** One message of a LOG, read. What cannot be read is a `problem`. */
export type Fact = Position &
  (
    | { readonly kind: 'event.accepted'; readonly fact: AcceptedEvent }
    | { readonly kind: 'event.refused'; readonly fact: EventRefused }
    | { readonly kind: 'plan.made'; readonly fact: PlanHead }
    | { readonly kind: 'delivery.attempted'; readonly fact: DeliveryAttempted }
    | { readonly kind: 'delivery.refused'; readonly fact: DeliveryRefused }
    | { readonly kind: 'region.changed'; readonly fact: RegionChanged }
    | { readonly kind: 'region.beat'; readonly fact: RegionBeat }
    | { readonly kind: 'region.spilled'; readonly fact: RegionSpilled }
    | { readonly kind: 'takeover.claimed'; readonly fact: TakeoverClaimed }
    | { readonly kind: 'takeover.closed'; readonly fact: TakeoverClosed }
    | { readonly kind: 'problem'; readonly subject: string; readonly reason: string }
  );
export type FactOf<K extends Fact['kind']> = Extract<Fact, { kind: K }>;
