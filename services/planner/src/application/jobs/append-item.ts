import { type Job, joinRawData, type PlanHead, replayMsgId, subjects } from '@waybill/contracts';
import type { Publish } from '@waybill/transport';
import type { Decision } from '../../domain/jobs/decision.ts';
import { makePlan } from '../../domain/make-plan.ts';
import { groupByRegion, type Part } from '../../domain/owed.ts';
import type { Subscriptions } from '../append-plans.ts';
import type { JobWatch } from '../planning-watch.ts';
import { traceHeaders } from '../trace-headers.ts';

export interface AppendItemPorts {
  /** The own region. */
  readonly region: string;
  readonly subscriptions: Pick<Subscriptions, 'ownRevision' | 'position'>;
  readonly publish: Publish;
  readonly nowMs: () => number;
}

export interface ItemToAppend {
  readonly job: Job;
  readonly itemId: string;
  readonly event: NonNullable<Decision['event']>;
  /** Empty: one plan that owes nothing. */
  readonly missing: Decision['owed'];
  /** Number of plans that it has. */
  readonly before: number;
  readonly watch: JobWatch;
}

/**
 * Appends the plans of an item, one for each region that delivers. Throws what `publish` throws: what of it was stored is then told by the LOG alone, for
 * a repeat is only recognised by its Msg-Id for a minute.
 */
export async function appendItem({ region: own, subscriptions, publish, nowMs }: AppendItemPorts, item: ItemToAppend): Promise<void> {
  const { job, itemId, event, missing, before, watch } = item;
  const { about, acceptedSeq, scope, data } = event;
  const parts: Part[] = missing.length === 0 ? [{ region: own, deliveries: [], because: [] }] : groupByRegion(missing);
  const replay: PlanHead['replay'] = { jobId: job.id, kind: job.kind };
  const common = { event: about, acceptedIn: about.region, acceptedSeq, parts: parts.length + before, replay, nowMs: nowMs() };
  for (const [index, { region, deliveries, because }] of parts.entries()) {
    const registry = { registryRevision: subscriptions.ownRevision(scope), registrySeen: subscriptions.position };
    const head = makePlan({ ...common, ...registry, region, deliveries });
    const msgId = replayMsgId({ eventId: about.eventId, region, jobId: job.id, itemId, n: before + index });
    const { eventId, tenantId } = about;
    const { trace, planned } = watch.planning({ eventId, tenantId, deliveryId: deliveries[0]?.deliveryId, because, region });
    await publish({ subject: subjects.plan(own, scope, region), body: joinRawData(head, data), msgId, headers: traceHeaders(trace) });
    planned();
  }
}
