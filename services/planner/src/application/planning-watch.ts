import type { AcceptedType, DeliveryId, DispatchDecided, EventId, Job, RefusalReason, TraceContext } from '@waybill/contracts';
import type { DeliveryRoute } from '../domain/choose-regions.ts';
import type { Because } from '../domain/owed.ts';

/** Why the deliveries of one event go where they go, for the debug log. */
export interface Explanation {
  readonly eventId: string;
  readonly correlationId: string;
  readonly routes: readonly DeliveryRoute[];
}

/** Where the handling of an accepted event stands in a trace. */
export interface Traced {
  /** Undefined when that is not recorded. */
  readonly trace?: TraceContext | undefined;
  /** Only of an event that no consumer handed out, so that nobody else tells of its handling. */
  readonly found?: FoundInTrace | undefined;
}

export interface FoundInTrace {
  readonly type: AcceptedType;
  /** The place that the writer of the message gave it. */
  readonly writer: TraceContext;
  /** When it was read, in ms since 1970. */
  readonly startMs: number;
}

/** Why an event has to be tried again; `run_waits`: for GitHub, or for another fact. */
export type WhyAgain = 'registry_behind' | 'payload_away' | 'run_waits';

/** What became of an accepted event. `unmatched`: it is planned, and owed to nobody. */
export interface PlanTold {
  readonly accepted: Traced & { readonly region: string; readonly seq: number };
  readonly about: {
    readonly eventId: string;
    readonly tenantId: string;
    readonly eventType: string;
    readonly source?: string;
    readonly correlationId?: string | undefined;
  };
  readonly outcome: 'planned' | 'unmatched' | 'refused' | 'again';
  readonly reason?: RefusalReason | WhyAgain | undefined;
  /** Of the plans that were stored now; others may have been before. */
  readonly deliveries: number;
  /** That deliver. */
  readonly regions: readonly string[];
}

/** A decision that is being made. */
export interface DecisionWatch {
  readonly trace?: TraceContext | undefined;
  /** Called when the fact is stored. */
  readonly decided: (fact: DispatchDecided) => void;
}

/** Who wants to know how planning goes. No call throws or waits. */
export interface PlanningWatch {
  /** A plan was stored, for region `to`. */
  readonly planned: (to: string, because: readonly Because[]) => void;
  readonly told: (told: PlanTold) => void;
  /** A decision about a finished run begins. */
  readonly deciding: (run: Traced) => DecisionWatch;
}

const NOTHING_OF_IT: DecisionWatch = { decided: () => undefined };
export const NO_PLANNING_WATCH: PlanningWatch = { planned: () => undefined, told: () => undefined, deciding: () => NOTHING_OF_IT };

/** How far a job came. */
export interface JobSoFar {
  /** `left`: it was paused or cancelled, or this process stops. */
  readonly outcome: 'done' | 'left';
  /** Deliveries that were planned, of all the job's runs. */
  readonly deliveries: number;
}

/** An item of a job that is about to be planned for one region. */
export interface ItemPlan {
  readonly eventId: EventId;
  readonly tenantId: string;
  readonly deliveryId: DeliveryId | undefined;
  readonly because: readonly Because[];
  /** The region that delivers. */
  readonly region: string;
}

/** A job that is under way. */
export interface JobWatch {
  /** A plan of it is about to be stored. */
  readonly planning: (plan: ItemPlan) => { readonly trace?: TraceContext | undefined; readonly planned: () => void };
  readonly over: (soFar: JobSoFar) => void;
}

/** A job that plans. */
export interface WatchedJob extends Pick<Job, 'id' | 'kind'> {
  /** It was begun before. */
  readonly goesOn: boolean;
  /** That it is to make in all. */
  readonly deliveries: number;
}

export type WatchJob = (job: WatchedJob) => JobWatch;

export const NO_JOB_WATCH: JobWatch = { planning: () => ({ planned: () => undefined }), over: () => undefined };
