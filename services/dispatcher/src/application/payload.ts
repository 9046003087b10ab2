import type { BodyRef, DispatchTarget } from '@waybill/contracts';

/** The event as it is sent: its type and the bytes of its payload. */
export interface Payload {
  readonly eventType: string;
  readonly correlationId?: string | undefined;
  /** The region that took the event in. */
  readonly acceptedIn?: string | undefined;
  readonly body: Uint8Array;
  /** Where the bytes lie, when they did not fit into the plan; `body` says nothing then. */
  readonly bodyRef?: BodyRef | undefined;
  /** Set for a workflow dispatch. */
  readonly dispatch?: PlannedDispatch | undefined;
}

/** A workflow dispatch as its plan has it. */
export interface PlannedDispatch {
  readonly target: DispatchTarget;
  /** The region that the plan names, and the one that took the event in. */
  readonly region: string;
  readonly acceptedIn: string;
  /** When the plan was made, ms since 1970. */
  readonly plannedMs: number;
  /** The message was handed out before, or the delivery comes from a schedule. */
  readonly isRepeat: boolean;
}

/** Gets the payload when it is needed; undefined when the LOG does not hold it any more. */
export type LoadPayload = () => Promise<Payload | undefined>;
