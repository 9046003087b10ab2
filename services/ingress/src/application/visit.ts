import type { AcceptedType, EventId, SourceId, TenantId, TraceContext, Traceparent } from '@waybill/contracts';

/** Where the request that brings an event stands in a trace. `context` undefined: that is not recorded. */
export interface EventPlace {
  readonly context: TraceContext | undefined;
  /** Absent: it begins the trace. */
  readonly parent?: TraceContext | undefined;
  readonly links?: readonly TraceContext[] | undefined;
}

/** What a request brought, or brought again: then `eventId` is that of the first time. */
export interface Brought {
  readonly eventId: EventId;
  readonly duplicate: boolean;
  readonly tenantId: TenantId;
  readonly source: SourceId;
  readonly eventType: string;
  readonly correlationId: string;
  /** Of the payload. */
  readonly bytes: number;
  readonly place: EventPlace;
}

/** The request that brings an event: where it says that it comes from, and who wants to know what became of it. */
export interface Visit {
  readonly caller?: Traceparent | undefined;
  /** Called before an event is stored: the request stands there even when nobody learns whether it was. */
  readonly begin: (place: EventPlace) => void;
  /** Called before the request is answered; not when it is refused. */
  readonly tell: (brought: Brought) => void;
}

/** Where requests stand in the traces of their events. */
export interface EventTraces {
  /** Of one that brings an event for the first time. */
  first(event: { readonly source: SourceId; readonly factType?: AcceptedType | undefined }, id: EventId, caller?: Traceparent): EventPlace;
  /** Of one that repeats an event, which was stored with this place. */
  repeat(id: EventId, stored: TraceContext | undefined, caller?: Traceparent): EventPlace;
}

/** For who records no traces. */
export const NO_EVENT_TRACES: EventTraces = { first: () => ({ context: undefined }), repeat: () => ({ context: undefined }) };
