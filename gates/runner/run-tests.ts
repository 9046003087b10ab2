import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './command.ts';
import { addCounts, countReport, exitCodeOf, lastLine, parseReport, type Count } from './count.ts';
import { describeGates, GATES, runGates, type GateResult } from './gates.ts';

const REPORT = 'reports/vitest.json';
const LAST_LINE = 'reports/last-line.txt';
const VITEST = `vitest run --reporter=default --reporter=json --outputFile.json=${REPORT}`;

/** Without a report the runner never got far enough to write one: that is a failure, not an empty success. */
function countRun(root: string, exitCode: number): Count {
  const path = join(root, REPORT);
  if (!existsSync(path)) return { passed: 0, failed: 1, skipped: 0 };
  return countReport(parseReport(readFileSync(path, 'utf8')), exitCode);
}

async function countTests(root: string): Promise<Count> {
  mkdirSync(join(root, 'reports'), { recursive: true });
  rmSync(join(root, REPORT), { force: true }); // an old report must not answer for this run
  console.log(`\n── tests: ${VITEST}`);
  return countRun(root, await runCommand(root, VITEST));
}

/** A failed gate counts as one failed test; a passed one is not counted, so a green line is the test runner's own. */
function countGates(results: readonly GateResult[]): Count {
  return { passed: 0, failed: results.filter(({ passed }) => !passed).length, skipped: 0 };
}

/** `npm test`: every gate, then every test, also when a gate failed. The last line is the count; resolves to the exit code. */
export async function runTests(root: string): Promise<number> {
  const gates = await runGates(root, GATES);
  const tests = await countTests(root);
  const total = addCounts([countGates(gates), tests]);
  console.log(`\n${describeGates(gates)}`);
  if (tests.passed + tests.failed + tests.skipped === 0) console.log('No test ran: that is a failure too.');
  writeFileSync(join(root, LAST_LINE), `${lastLine(total)}\n`);
  console.log(lastLine(total));
  return exitCodeOf(total);
}
