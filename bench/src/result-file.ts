import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { REPOSITORY } from './stack/local-stack.ts';

/** Writes a result to `out`, or to `bench/results/<kind>/` by its date; returns which file that is. */
export function saveResult(
  kind: string,
  result: { readonly date: string } & Readonly<Record<string, unknown>>,
  out: string | undefined,
): string {
  const file = out ?? join(REPOSITORY, 'bench/results', kind, `${result.date.slice(0, 16).replaceAll(/[-:]/g, '')}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
  return file;
}
