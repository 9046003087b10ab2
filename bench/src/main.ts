import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { figuresOf } from './figures.ts';
import { type BenchOptions, HELP, parseOptions } from './options.ts';
import { reportLines } from './report.ts';
import { type BenchResult, isSound } from './result.ts';
import { runBench } from './run-bench.ts';
import { REPOSITORY } from './stack/local-stack.ts';

const MISSING_SHOWN = 20;

async function bench(options: BenchOptions): Promise<void> {
  const date = new Date().toISOString();
  const measured = await runBench(options);
  const result = figuresOf(measured, options, date);
  for (const line of reportLines(result)) console.log(line);
  for (const id of measured.comparison.missing.slice(0, MISSING_SHOWN)) console.log(`MISSING  ${id}`);
  console.log(`\nresult in ${save(result, options)}`);
  if (!isSound(result)) process.exitCode = 1;
}

function save(result: BenchResult, { name, out }: BenchOptions): string {
  const day = result.date.slice(0, 16).replaceAll(/[-:]/g, '');
  const file = out ?? join(REPOSITORY, 'bench/results', `${day}-${name}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
  return file;
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) console.log(HELP);
  else await bench(options);
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
