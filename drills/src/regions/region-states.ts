import { adminApi, monotonicMs, pause } from '@waybill/bench';
import { z } from 'zod';
import type { RegionRig } from './region-rig.ts';

const regionsSchema = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      state: z.string().nullish(),
      share: z.number().nullish(),
      report: z.object({ spilling: z.boolean(), lagMs: z.record(z.string(), z.number()) }).nullish(),
    }),
  ),
});
export type SeenRegion = z.infer<typeof regionsSchema>['data'][number];

const POLL_MS = 100;

/** How `askIn` sees a region now; undefined when it does not answer. */
export async function seenRegion(rig: RegionRig, askIn: string, id: string): Promise<SeenRegion | undefined> {
  try {
    const { data } = regionsSchema.parse(await adminApi(rig.region(askIn))('GET', '/v1/regions'));
    return data.find((region) => region.id === id);
  } catch {
    return undefined;
  }
}

/** Waits until `askIn` sees a region as wanted; resolves with the ms it took, or null when the budget is over. */
export async function untilSeen(
  rig: RegionRig,
  seen: { readonly askIn: string; readonly id: string; readonly budgetMs: number },
  isIt: (region: SeenRegion) => boolean,
): Promise<number | null> {
  const startMs = monotonicMs();
  for (;;) {
    const region = await seenRegion(rig, seen.askIn, seen.id);
    if (region !== undefined && isIt(region)) return Math.round(monotonicMs() - startMs);
    if (monotonicMs() - startMs > seen.budgetMs) return null;
    await pause(POLL_MS);
  }
}

export const isState =
  (state: string) =>
  (region: SeenRegion): boolean =>
    region.state === state;
