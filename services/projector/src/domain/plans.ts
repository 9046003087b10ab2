import { z } from 'zod';

const planSchema = z.object({ region: z.string(), by: z.string(), at: z.number(), deliveries: z.number() });
/** A plan of an event: the region that must deliver, the one whose planner made it, when (ms), and how many deliveries it names. */
export type PlanMade = z.output<typeof planSchema>;
const plansSchema = z.array(planSchema);

/** Reads the plans of an event row, in the order in which they were made. */
export const readPlans = (text: string | null): readonly PlanMade[] => (text === null ? [] : plansSchema.parse(JSON.parse(text)));

/**
 * Adds a plan to those of an event row. One planner's plan for one region counts once; of two different ones the earlier stays. The text does not
 * depend on the order in which plans are added.
 */
export function withPlan(text: string | null, plan: PlanMade): string {
  if (text === null) return JSON.stringify([plan]);
  const known = readPlans(text);
  const isSame = ({ region, by }: PlanMade): boolean => region === plan.region && by === plan.by;
  const twin = known.find(isSame);
  if (twin !== undefined && compare(twin, plan) <= 0) return text;
  return JSON.stringify([...known.filter((one) => !isSame(one)), plan].toSorted(compare));
}

function compare(left: PlanMade, right: PlanMade): number {
  return left.at - right.at || order(left.region, right.region) || order(left.by, right.by) || left.deliveries - right.deliveries;
}

/** Orders texts by their code units, as every region does, whatever its locale. */
export function order(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
