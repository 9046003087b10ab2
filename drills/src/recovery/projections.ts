import { monotonicMs, pause } from '@waybill/bench';
import { z } from 'zod';
import { type Asked, ask, askPatiently, wanted } from './ask.ts';

const projectionsSchema = z.object({
  serving: z.object({
    generation: z.number(),
    ok: z.boolean(),
    parts: z.array(z.object({ part: z.string(), ok: z.boolean(), detail: z.string().nullable() })),
    streams: z.array(z.object({ stream: z.string(), checkpoint: z.number(), completeSince: z.string().nullable() })),
  }),
  build: z.object({ generation: z.number(), purpose: z.string(), attempt: z.number(), facts: z.object({ read: z.number() }) }).nullable(),
  last: z
    .object({
      generation: z.number(),
      purpose: z.string(),
      outcome: z.string(),
      detail: z.string().nullable(),
      comparison: z.object({ rows: z.number(), differences: z.array(z.object({ table: z.string() })) }).nullable(),
    })
    .nullable(),
});

/** What `GET /v1/projections` says. */
export type ShownProjections = z.infer<typeof projectionsSchema>;
type Last = NonNullable<ShownProjections['last']>;

const BUILD_BUDGET_MS = 300_000;
const POLL_MS = 20;

/** Asks until the projector answers: it may have been killed a moment ago. */
export const readProjections = async (asked: Asked): Promise<ShownProjections> =>
  wanted(await askPatiently(asked, 'GET', '/v1/projections'), 200, projectionsSchema);

/** Waits until what is shown is as wanted. Throws with the last state when that takes five minutes. */
export async function untilShown(asked: Asked, isWanted: (shown: ShownProjections) => boolean): Promise<ShownProjections> {
  for (const deadline = monotonicMs() + BUILD_BUDGET_MS; ; await pause(POLL_MS)) {
    const shown = await readProjections(asked);
    if (isWanted(shown)) return shown;
    if (monotonicMs() > deadline) throw new Error(`the read models are not as expected: ${JSON.stringify(shown)}`);
  }
}

/** Begins a rebuild or a verify, which shows at once. */
export async function beginBuild(asked: Asked, purpose: 'rebuild' | 'verify'): Promise<void> {
  wanted(await ask(asked, 'POST', `/v1/projections/${purpose}`), 202, projectionsSchema);
}

const FORGOTTEN_MS = 15_000;

/** Waits until the build that was begun is over; null when the projector was killed after its end, and so does not tell of it. */
export async function untilBuilt(asked: Asked): Promise<Last | null> {
  let sinceMs = monotonicMs();
  const { last } = await untilShown(asked, ({ build, last: ended }) => {
    if (build !== null) sinceMs = monotonicMs();
    return build === null && (ended !== null || monotonicMs() - sinceMs > FORGOTTEN_MS);
  });
  return last;
}

/** Compares the read models with the log. Resolves with what is wrong, and how many rows were compared. */
export async function verified(asked: Asked): Promise<{ rows: number; wrong: string[] }> {
  await beginBuild(asked, 'verify');
  const { outcome, detail, comparison } = (await untilBuilt(asked)) ?? { outcome: 'unknown', detail: null, comparison: null };
  if (comparison === null) return { rows: 0, wrong: [`the verify ended as ${outcome}: ${detail ?? ''}`] };
  return { rows: comparison.rows, wrong: comparison.differences.map((difference) => JSON.stringify(difference)) };
}
