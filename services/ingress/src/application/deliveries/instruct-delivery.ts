import {
  type DeliveryInstructed,
  deliveryInstructedSchema,
  type DeliveryState,
  parseGithubEndpointId,
  type RedriveSpec,
  WaybillError,
} from '@waybill/contracts';
import { z } from 'zod';
import { byWhom, byWhomWithReason, type Caller, reasonSchema } from '../by-whom.ts';
import type { DeliverySeen } from '../dead-letters/dead-letter-reads.ts';
import { waitForReads } from '../dead-letters/wait-for-reads.ts';
import type { JobView } from '../jobs/job-view.ts';
import { redriveNow, type RedrivePorts } from '../jobs/redrive.ts';
import { parseWith } from '../parse-with.ts';

/** The body of `POST /v1/deliveries/{id}/retry`; it may be left out. */
export const retryBodySchema = z
  .strictObject({
    reason: reasonSchema.optional(),
    dispatches: z.boolean().meta({ description: 'A workflow dispatch may be made again' }).default(false),
  })
  .meta({ id: 'RetryDelivery' });
/** The body of `POST /v1/deliveries/{id}/skip`. */
export const skipBodySchema = z.strictObject({ reason: reasonSchema.optional() }).meta({ id: 'SkipDelivery' });
/** What was asked for; GET /v1/deliveries/{id} shows when it is done. */
export const instructedSchema = z
  .object({ deliveryId: z.string(), instruction: deliveryInstructedSchema.shape.instruction })
  .meta({ id: 'Instructed' });
export type Instructed = z.output<typeof instructedSchema>;

export type InstructPorts = RedrivePorts & {
  /** Throws WB_MISDIRECTED. */
  readonly scopeOf: (tenantId: string) => 'g' | 'l';
};

const WAITING: ReadonlySet<DeliveryState> = new Set(['planned', 'delivering', 'retrying']);

/** Throws WB_DELIVERY_UNKNOWN, and what `waitForReads` does. */
async function requireDelivery(ports: InstructPorts, id: string): Promise<DeliverySeen> {
  await waitForReads(ports);
  const delivery = await ports.reads.delivery(id);
  if (delivery === undefined) throw new WaybillError('WB_DELIVERY_UNKNOWN', `no delivery ${id} is known here`);
  return delivery;
}

async function instruct(
  ports: InstructPorts,
  seen: DeliverySeen,
  told: Pick<DeliveryInstructed, 'instruction' | 'by'>,
): Promise<Instructed> {
  const { id: deliveryId, eventId, tenantId, endpointId } = seen;
  const { instruction } = told;
  if (!WAITING.has(seen.state))
    throw new WaybillError('WB_DELIVERY_STATE', `delivery ${deliveryId} is ${seen.state}: there is nothing to ${instruction}`, {
      extra: { state: seen.state },
    });
  const at = new Date(ports.nowMs()).toISOString();
  const fact = { v: 1, ...told, deliveryId, eventId, tenantId, endpointId, region: ports.region, at };
  const msgId = `instructed:${deliveryId}:${ports.newMark()}`;
  await ports.append({ type: 'delivery.instructed', scope: ports.scopeOf(tenantId), msgId, body: deliveryInstructedSchema.parse(fact) });
  return { deliveryId, instruction };
}

/**
 * Tries a delivery again: now, when it waits for its next attempt; by a job of its own, started at once, when it is a dead letter. Throws
 * WB_DELIVERY_UNKNOWN, WB_DELIVERY_STATE for one that ended otherwise, and what `redrive` does.
 */
export async function retryDelivery(ports: InstructPorts, id: string, body: unknown, caller: Caller): Promise<JobView | Instructed> {
  const { reason, dispatches } = parseWith(retryBodySchema, body);
  const by = byWhom(caller, reason);
  const delivery = await requireDelivery(ports, id);
  if (delivery.state !== 'dead_lettered') return instruct(ports, delivery, { instruction: 'retry', by });
  if (parseGithubEndpointId(delivery.endpointId) !== undefined && !dispatches)
    throw new WaybillError('WB_DELIVERY_STATE', `delivery ${id} is a workflow dispatch: say "dispatches": true to make it again`);
  const spec: RedriveSpec = { kind: 'redrive', ids: [id], dispatches };
  return ports.inTurn.run('redrive', () => redriveNow(ports, spec, { by, ratePerSecond: undefined, start: true }));
}

/** Gives a delivery up that has no end yet. Throws WB_DELIVERY_UNKNOWN, WB_DELIVERY_STATE, WB_SCHEMA_VIOLATION without a reason. */
export async function skipDelivery(ports: InstructPorts, id: string, body: unknown, caller: Caller): Promise<Instructed> {
  const by = byWhomWithReason(caller, parseWith(skipBodySchema, body).reason);
  return instruct(ports, await requireDelivery(ports, id), { instruction: 'skip', by });
}
