import { z } from 'zod';

const differenceSchema = z.object({
  table: z.string(),
  rows: z.number(),
  missing: z.number(),
  extra: z.number(),
  different: z.number(),
  ids: z.array(z.string()),
});

/** What `GET /v1/projections` answers. */
export const projectionsSchema = z.object({
  serving: z.object({
    generation: z.number(),
    parts: z.array(z.object({ part: z.string(), ok: z.boolean(), detail: z.string().nullable() })),
    streams: z.array(
      z.object({ stream: z.string(), checkpoint: z.number(), lastSeq: z.number().nullable(), completeSince: z.string().nullable() }),
    ),
  }),
  build: z
    .object({
      generation: z.number(),
      purpose: z.string(),
      startedAt: z.string(),
      attempt: z.number(),
      phase: z.string(),
      detail: z.string().nullable(),
      facts: z.object({ read: z.number(), total: z.number() }),
      factsPerSecond: z.number().nullable(),
      etaSeconds: z.number().nullable(),
    })
    .nullable(),
  last: z
    .object({
      generation: z.number(),
      purpose: z.string(),
      startedAt: z.string(),
      endedAt: z.string(),
      outcome: z.enum(['serving', 'compared', 'failed']),
      detail: z.string().nullable(),
      facts: z.number().nullable(),
      completeSince: z.string().nullable(),
      comparison: z.object({ rows: z.number(), since: z.string().nullable(), differences: z.array(differenceSchema) }).nullable(),
    })
    .nullable(),
});
export type Projections = z.output<typeof projectionsSchema>;
type Build = NonNullable<Projections['build']>;
type Last = NonNullable<Projections['last']>;

/** Which generation serves and how it is, stream by stream, for a terminal. */
export function servingRows({ serving }: Projections): string[][] {
  const streams = serving.streams.map(({ stream, checkpoint, lastSeq, completeSince }) => [
    stream,
    `read to ${checkpoint} of ${lastSeq ?? 'unknown'}`,
    completeSince === null ? 'complete' : `complete since ${completeSince}`,
  ]);
  const troubles = serving.parts.filter(({ ok, detail }) => !ok || detail !== null);
  return [...streams, ...troubles.map(({ part, ok, detail }) => [part, ok ? 'ok' : 'NOT OK', detail ?? ''])];
}

/** How far a build has come, in one line. */
export function buildLine({ purpose, generation, attempt, phase, detail, facts, factsPerSecond, etaSeconds }: Build): string {
  const done = `${facts.read} of ${facts.total} facts`;
  const pace = factsPerSecond === null ? '' : `, ${factsPerSecond} a second`;
  const left = etaSeconds === null ? '' : `, ${etaSeconds} s left`;
  const again = attempt === 1 ? '' : `, attempt ${attempt}`;
  return `${purpose} of generation ${generation}: ${phase}${detail === null ? '' : ` (${detail})`}, ${done}${pace}${left}${again}`;
}

/** What came of the last build, line by line. */
export function lastLines({ purpose, generation, startedAt, endedAt, outcome, detail, facts, completeSince, comparison }: Last): string[] {
  const seconds = ((Date.parse(endedAt) - Date.parse(startedAt)) / 1_000).toFixed(1);
  const since =
    completeSince === null ? [] : [`the log has lost what was before ${completeSince}: the read models are complete from then on`];
  if (outcome === 'failed') return [`${purpose} of generation ${generation} was given up at ${endedAt}: ${detail ?? ''}`];
  if (comparison === null) return [`generation ${generation} serves since ${endedAt}; ${facts ?? 0} facts in ${seconds} s`, ...since];
  const compared = `${comparison.rows} rows compared with what ${facts ?? 0} facts give, in ${seconds} s`;
  const differing = comparison.differences.map(
    ({ table, missing, extra, different, ids }) =>
      `DIFFERENT  ${table}: ${missing} missing, ${extra} too many, ${different} different: ${ids.join(', ')}`,
  );
  return [`${compared}: ${differing.length === 0 ? 'all equal' : 'NOT EQUAL'}`, ...since, ...differing];
}

/** Whether the last build failed, or found the read models to be wrong. */
export const isBad = ({ outcome, comparison }: Last): boolean => outcome === 'failed' || (comparison?.differences.length ?? 0) > 0;
