import { resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Rolldown } from 'vite';
import { beforeAll, expect, it, vi } from 'vitest';

const KB = 1_000;
const root = resolve(import.meta.dirname, '../..');
type Part = Rolldown.OutputChunk | Rolldown.OutputAsset;

let parts: ReadonlyMap<string, Part>;
const sizes = new Map<string, number>();

beforeAll(async () => {
  // What a test run says would bring the libraries' development code in.
  vi.stubEnv('NODE_ENV', 'production');
  const built = await build({ root, configFile: resolve(root, 'vite.config.ts'), logLevel: 'error', build: { write: false } });
  const output = (Array.isArray(built) ? built : [built]).flatMap((one) => ('output' in one ? one.output : []));
  parts = new Map(output.map((part) => [part.fileName, part]));
  for (const part of output) sizes.set(part.fileName, gzipSync(part.type === 'chunk' ? part.code : part.source, { level: 9 }).length);
}, 60_000);

/** A chunk with everything it needs before it runs, its styles too. */
function neededBy(fileName: string, seen = new Set<string>()): Set<string> {
  const part = parts.get(fileName);
  if (part?.type !== 'chunk' || seen.has(fileName)) return seen;
  seen.add(fileName);
  for (const style of part.viteMetadata?.importedCss ?? []) seen.add(style);
  for (const name of part.imports) neededBy(name, seen);
  return seen;
}

const chunks = (): Rolldown.OutputChunk[] => [...parts.values()].filter((part) => part.type === 'chunk');
const kilobytes = (names: Iterable<string>): number => [...names].reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0) / KB;

it('opens every page with no more than 90 KB, charts aside', () => {
  const entry = chunks().find(({ isEntry }) => isEntry);
  const pages = chunks().filter(({ moduleIds }) => moduleIds.some((id) => id.endsWith('-page.tsx')));
  const weights = pages.map(({ fileName }) => [fileName, kilobytes(neededBy(fileName, neededBy(entry?.fileName ?? '')))] as const);
  expect(weights.length).toBeGreaterThan(1);
  expect(weights.filter(([, weight]) => weight > 90 || weight < 20)).toEqual([]);
});

it('draws charts by a part of its own, loaded when there is one to draw', () => {
  const drawing = chunks().filter(({ moduleIds }) => moduleIds.some((id) => id.includes('/uplot/')));
  expect(drawing.map(({ moduleIds }) => moduleIds.some((id) => id.includes('/pages/') || id.includes('/preact/')))).toEqual([false]);
});

it('weighs no more than 120 KB in all', () => {
  expect(kilobytes(sizes.keys())).toBeLessThan(120);
});

it('has none of the libraries of the server in it', () => {
  const strange = chunks().flatMap(({ moduleIds }) =>
    moduleIds.filter((id) => /node_modules\/(zod|react-dom)\/|packages\/contracts/.test(id)),
  );
  expect(strange).toEqual([]);
});
