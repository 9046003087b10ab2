import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Profile } from '../options.ts';

const schema = z.record(z.string(), z.unknown());

/** A JSON Schema. */
export type Schema = z.infer<typeof schema>;

const operationLine = z.object({
  operation: z.string(),
  query: z.record(z.string(), schema),
  body: schema.nullable(),
  responses: z.record(z.string(), schema.nullable()),
});
const lineSchema = z.union([
  operationLine,
  z.object({ schema: z.string(), is: schema }),
  z.object({ webhook: z.string(), body: schema }),
  z.object({ version: z.string() }),
]);

export type Operation = z.infer<typeof operationLine>;

/** The operations of GitHub's OpenAPI description that the fake serves, by `METHOD /path`, and the schemas they refer to. */
export interface Slice {
  readonly operations: ReadonlyMap<string, Operation>;
  readonly webhooks: ReadonlyMap<string, Schema>;
  readonly schemas: Readonly<Record<string, Schema>>;
}

/** Reads the slice that `openapi/slice.ts` wrote. */
export function readSlice(profile: Profile): Slice {
  const text = readFileSync(new URL(`../../openapi/${profile}.jsonl`, import.meta.url), 'utf8');
  const lines = text
    .trim()
    .split('\n')
    .map((line) => lineSchema.parse(JSON.parse(line)));
  return {
    operations: new Map(lines.flatMap((line) => ('operation' in line ? [[line.operation, line] as const] : []))),
    webhooks: new Map(lines.flatMap((line) => ('webhook' in line ? [[line.webhook, line.body] as const] : []))),
    schemas: Object.fromEntries(lines.flatMap((line) => ('schema' in line ? [[line.schema, line.is] as const] : []))),
  };
}
