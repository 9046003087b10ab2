import { z } from 'zod';
import { REGION_ID } from '../subjects.ts';

export const regionIdSchema = z.string().regex(REGION_ID, 'use the id of a region: a-z, 0-9 and -, as in us-central1');

/**
 * Where a tenant's events live and go. `home`: the region that delivers; absent: the one that accepted. `failover`: who stands in, in this order;
 * absent: all others by priority; empty: nobody. `residency: strict`: nothing of the tenant leaves its home. `spill`: whether an overloaded home
 * may hand new events on.
 */
export const placementSchema = z
  .strictObject({
    home: regionIdSchema.optional(),
    failover: z.array(regionIdSchema).max(16).optional(),
    residency: z.enum(['strict', 'replicated']).default('replicated'),
    spill: z.enum(['never', 'allowed']).optional(),
  })
  .superRefine(({ home, failover, residency, spill }, context) => {
    const refuse = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
    if (new Set(failover).size !== (failover?.length ?? 0)) refuse('failover', 'name each region once');
    if (home !== undefined && failover?.includes(home) === true) refuse('failover', 'the home cannot stand in for itself');
    if (residency !== 'strict') return;
    if (home === undefined) refuse('home', 'a strict tenant needs a home');
    if (failover !== undefined && failover.length > 0) refuse('failover', 'a strict tenant stays at home: leave failover out');
    if (spill === 'allowed') refuse('spill', 'a strict tenant stays at home: use never');
  });
export type Placement = z.infer<typeof placementSchema>;

/** Whether nothing of the tenant may leave its home. */
export const isStrict = (placement: Placement | undefined): boolean => placement?.residency === 'strict';

/** Whether another region may ever deliver in place of the tenant's own. */
export const mayFailOver = (placement: Placement | undefined): boolean =>
  !isStrict(placement) && (placement?.failover === undefined || placement.failover.length > 0);

/** Whether an overloaded region may hand the tenant's new events on. */
export const maySpill = (placement: Placement | undefined): boolean => !isStrict(placement) && placement?.spill !== 'never';
