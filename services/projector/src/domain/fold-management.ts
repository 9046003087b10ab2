import type { FactOf } from './fact.ts';
import type { WorkingSet } from './working-set.ts';

/** What an operator asked of a delivery gets its row, once. */
export function foldInstructed(set: WorkingSet, { fact, origin, from, scope }: FactOf<'delivery.instructed'>): void {
  const place = { at: Date.parse(fact.at), origin_region: from, origin_seq: origin.seq };
  const { instruction, deliveryId, by } = fact;
  set.instructions.set(`${from} ${origin.seq}`, { delivery_id: deliveryId, ...place, scope, instruction, ...by });
}

/** A command that changed something gets its row, once. */
export function foldActed(set: WorkingSet, { fact, origin, from, scope }: FactOf<'management.acted'>): void {
  const { action, about, status, by, requestId = null } = fact;
  const place = { at: Date.parse(fact.at), origin_region: from, origin_seq: origin.seq };
  set.actions.set(`${from} ${origin.seq}`, { ...place, scope, action, about: JSON.stringify(about), status, ...by, request_id: requestId });
}
