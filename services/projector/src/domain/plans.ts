import { z } from 'zod';

const planSchema = z.object({
  region: z.string(),
  by: z.string(),
  at: z.number(),
  deliveries: z.number().optional(),
  job: z.string().optional(),
});
/**
 * A plan of an event: the region that must deliver, the one whose planner made it, when (ms), and how many deliveries it names. What a `job` planned counts
 * as one plan per region, however many it made, and has no number of deliveries.
 */
export type PlanMade = z.output<typeof planSchema>;
const plansSchema = z.array(planSchema);

/** Reads the plans of an event row, in the order in which they were made. */
export const readPlans = (text: string | null): readonly PlanMade[] => (text === null ? [] : plansSchema.parse(JSON.parse(text)));

/**
 * Adds a plan to those of an event row. One planner's plan for one region counts once, and once more for each job; of two different ones the earlier stays.
 * The text does not depend on the order in which plans are added.
 */
export function withPlan(text: string | null, plan: PlanMade): string {
  if (text === null) return JSON.stringify([plan]);
  const known = readPlans(text);
  const isSame = ({ region, by, job }: PlanMade): boolean => region === plan.region && by === plan.by && job === plan.job;
  const twin = known.find(isSame);
  if (twin !== undefined && compare(twin, plan) <= 0) return text;
  return JSON.stringify([...known.filter((one) => !isSame(one)), plan].toSorted(compare));
}

function compare(left: PlanMade, right: PlanMade): number {
  const byPlace = left.at - right.at || order(left.region, right.region) || order(left.by, right.by);
  return byPlace || order(left.job ?? '', right.job ?? '') || (left.deliveries ?? 0) - (right.deliveries ?? 0);
}

/** Whether an event was planned, but by jobs alone. Told from the text, because it is asked of every event that a batch touches. */
export const isPlannedByJobsOnly = (plans: string | null): boolean => plans !== null && !plans.includes('"deliveries":');

/** The job that planned an event first, and when (ms). Undefined for an event that only planners planned. */
export function firstJobOf(plans: string | null): { readonly id: string; readonly at: number } | undefined {
  const jobs = readPlans(plans).flatMap(({ job: id, at }) => (id === undefined ? [] : [{ id, at }]));
  return jobs.toSorted((left, right) => left.at - right.at || order(left.id, right.id))[0];
}

/** Orders texts by their code units, as every region does, whatever its locale. */
export function order(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
