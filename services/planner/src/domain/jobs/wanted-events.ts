import { type PlanHead, type ReplaySpec, RUN_COMPLETED_TYPE, timeOfId } from '@waybill/contracts';
import { matchesEventType } from '../match-event-type.ts';

/** As much of an event as decides whether a replay is about it. */
export type EventToReplay = Pick<PlanHead['event'], 'eventId' | 'eventType' | 'tenantId' | 'region'>;

/** Whether a replay is about an event; `storedMs` counts for ids that do not tell when it was accepted. Finished workflow runs are left out. Pure. */
export function isWanted(spec: ReplaySpec, event: EventToReplay, storedMs: number): boolean {
  const acceptedMs = timeOfId(event.eventId) ?? storedMs;
  const { tenantId = event.tenantId, region = event.region, eventTypes } = spec;
  return (
    acceptedMs >= Date.parse(spec.from) &&
    acceptedMs < Date.parse(spec.to) &&
    event.tenantId === tenantId &&
    event.region === region &&
    event.eventType !== RUN_COMPLETED_TYPE &&
    (eventTypes === undefined || eventTypes.some((pattern) => matchesEventType(pattern, event.eventType)))
  );
}
