import type {
  DeadLettersDiscarded,
  DeliveryAttempted,
  DeliveryInstructed,
  DeliveryRefused,
  DispatchDecided,
  DispatchEnded,
  DispatchIntended,
  DispatchReported,
  DispatchSettled,
  DispatchSwept,
  EventRefused,
  FactType,
  IntakeMeasured,
  ManagementActed,
  PlanHead,
  RegionBeat,
  RegionChanged,
  RegionSpilled,
  Scope,
  TakeoverClaimed,
  TakeoverClosed,
} from '@waybill/contracts';

/** Where a message stands: its stream, its sequence there, and when it was stored (ms since 1970). */
export interface Position {
  readonly stream: string;
  readonly seq: number;
  readonly atMs: number;
}

/** Where a fact was written first: in the LOG of a region. The same wherever a copy of it is read. */
export interface Origin {
  readonly stream: string;
  readonly seq: number;
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
  /** Absent in an event of a version that this reader does not know. */
  readonly timestamp?: string | undefined;
  /** Absent in one that says nothing usable. */
  readonly version?: number | undefined;
  readonly minCompatible?: number | undefined;
}

/** `from`: the region that wrote the fact. `scope`: whether the other regions have it too. */
interface Written {
  readonly from: string;
  readonly scope: Scope;
}

type Read =
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
  | { readonly kind: 'dispatch.decided'; readonly fact: DispatchDecided }
  | { readonly kind: 'dispatch.intended'; readonly fact: DispatchIntended }
  | { readonly kind: 'dispatch.settled'; readonly fact: DispatchSettled }
  | { readonly kind: 'dispatch.ended'; readonly fact: DispatchEnded }
  | { readonly kind: 'dispatch.reported'; readonly fact: DispatchReported }
  | { readonly kind: 'dispatch.swept'; readonly fact: DispatchSwept }
  | { readonly kind: 'dead_letter.discarded'; readonly fact: DeadLettersDiscarded }
  | { readonly kind: 'delivery.instructed'; readonly fact: DeliveryInstructed }
  | { readonly kind: 'management.acted'; readonly fact: ManagementActed }
  | { readonly kind: 'intake.measured'; readonly fact: IntakeMeasured }
  /** What changes no row. `jobId`: of the job that came further. */
  | { readonly kind: 'aside'; readonly fact: { readonly type: FactType; readonly jobId?: string | undefined } };

/** One message of a LOG, or of a copy of it, read. What cannot be read is a `problem`. */
export type Fact = Position & { readonly origin: Origin } & (
    | (Written & Read)
    | { readonly kind: 'problem'; readonly subject: string; readonly reason: string }
  );
export type FactOf<K extends Fact['kind']> = Extract<Fact, { kind: K }>;
/** What a message of a LOG says, without where it stands. */
export type FactBody = Read;
