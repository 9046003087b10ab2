import type {
  DeliveryId,
  EndpointId,
  Placement,
  RegionChanged,
  RegionRecord,
  TakeoverClaimed,
  TakeoverClosed,
  TenantId,
} from '@waybill/contracts';
import type { ControlView } from '@waybill/regions';
import type { KnownAttempt } from '../../domain/delivery-task.ts';
import type { PlannedDelivery } from '../../domain/takeover/open-deliveries.ts';
import type { ScheduleDue } from '../attempt-ports.ts';

/** A place in this region's two streams of facts, its LOG and PEERS: the sequences of the first messages behind it. */
export interface Mark {
  readonly log: number;
  readonly peers: number;
}

/** A fact that says something about deliveries. `by`: the region that appended it. */
export type Evidence =
  | { readonly kind: 'plan'; readonly by: string; readonly acceptedIn: string; readonly deliveries: readonly PlannedDelivery[] }
  | { readonly kind: 'attempt'; readonly by: string; readonly deliveryId: DeliveryId; readonly known: KnownAttempt }
  | { readonly kind: 'claim'; readonly claim: TakeoverClaimed };

export type Visit = (fact: Evidence) => void;

/** What was stored at or after `fromMs`, before sequence `before`; `of`: by that region alone. */
export interface EndsRange {
  readonly of?: string | undefined;
  readonly fromMs: number;
  readonly before?: number | undefined;
}

/** Reads facts about deliveries. Every call is repeated until NATS answers, and then visits from the beginning; rejects only when the process stops. */
export interface History {
  /** The present end of both streams, and when the older of them begins (ms since 1970). */
  present(): Promise<{ readonly end: Mark; readonly beginsMs: number }>;
  /** Visits all that was stored at or after `fromMs` and lies before `before`. Resolves with where that begins, and how many messages it was. */
  readBack(fromMs: number, before: Mark, visit: Visit): Promise<{ readonly before: Mark; readonly messages: number }>;
  /**
   * Visits what has been stored behind `after` and concerns a takeover of region `of`: plans of any region for it, claims of all other regions, and what
   * it attempted itself. Resolves with the end of what was read.
   */
  readAhead(of: string, after: Mark, visit: Visit): Promise<Mark>;
  /** Visits all plans stored at or after `fromMs`. */
  readPlans(fromMs: number, visit: Visit): Promise<void>;
  /** Visits the attempts and refusals of other regions, as PEERS holds them. */
  readEnds(range: EndsRange, visit: Visit): Promise<void>;
  /** When the event of the oldest plan or fired schedule that is not settled was accepted, ms since 1970; undefined: nothing is unsettled. */
  oldestUnsettledMs(): Promise<number | undefined>;
}

/** A change of a region's state, as the region `by` told it; `seq`: where, in LOG for the own region and in PEERS for others. */
export interface ToldChange {
  readonly by: string;
  readonly seq: number;
  readonly change: RegionChanged;
}

/** The few facts by which regions hand work over. Reads and appends are repeated until NATS answers, and reject only when the process stops. */
export interface TakeoverFacts {
  /** All claims there are, this region's own ones too. */
  claims(): Promise<readonly TakeoverClaimed[]>;
  /** `takeover.closed` of dispatchers, this region's own ones too. */
  closed(): Promise<readonly TakeoverClosed[]>;
  changes(): Promise<readonly ToldChange[]>;
  appendClaimed(fact: TakeoverClaimed): Promise<void>;
  appendClosed(fact: TakeoverClosed): Promise<void>;
  appendChanged(fact: RegionChanged): Promise<void>;
}

/** This region's retry schedules. Rejects only when the process stops. */
export interface Schedules {
  readonly scheduleDue: ScheduleDue;
  has(deliveryId: DeliveryId): Promise<boolean>;
  /** The deliveries that have a schedule. */
  pending(): Promise<ReadonlySet<DeliveryId>>;
  /** Brings a schedule forward to now; nothing when there is none. What it asks for is then looked at, and it is gone. */
  fireNow(deliveryId: DeliveryId): Promise<void>;
}

/** What the registry of this region knows. */
export interface TakeoverRegistry {
  /** Waits until this much of a region's registry was seen; false when that takes longer than `budgetMs`. */
  atLeast(region: string, revision: number, budgetMs: number): Promise<boolean>;
  placementOf(tenantId: TenantId): Placement | undefined;
  /** Whether this region can send to the endpoint. */
  isKnown(tenantId: TenantId, endpointId: EndpointId): boolean;
}

export type Control = Pick<ControlView, 'loaded' | 'record' | 'routing' | 'onChange' | 'change' | 'changeSeen'>;

/** Waits; resolves early, without an error, when `signal` aborts. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

/**
 * Whether this is a region's own word that it delivers (again): its dispatcher says so when it knows what others did. An operator's activation is told too,
 * in the log of the region that he talks to, and is none.
 */
export const isOwnWord = ({ by, change }: ToldChange): boolean => change.region === by && change.who === by && change.share > 0;

/** The record of a region, as the fact that tells it. */
export function changedFact(record: RegionRecord): RegionChanged {
  const { region, state, epoch, share, to, who, why, how, since } = record;
  return { v: 1, region, state, epoch, share, ...(to === undefined ? {} : { to }), who, why, how, at: since };
}
