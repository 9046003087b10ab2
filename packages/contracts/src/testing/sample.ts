import { readFileSync } from 'node:fs';

/** A stored message as it was written once. Samples are never edited: a new shape gets a new file. */
export function sample(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(`../samples/${name}.json`, import.meta.url), 'utf8')) as Record<string, unknown>;
}
