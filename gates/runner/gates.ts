import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './command.ts';

/**
 * The gates in the order they run: types come before lint, because the type-aware rules read the packages' built declarations, and the dashboard is built
 * before the tests that open it.
 */
export const GATES = ['format', 'types', 'dashboard', 'lint', 'boundaries', 'dead-code'] as const;

export interface GateResult {
  readonly name: string;
  readonly passed: boolean;
  readonly seconds: number;
}

function scriptsOf(root: string): Record<string, unknown> {
  const parsed: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const scripts = typeof parsed === 'object' && parsed !== null && 'scripts' in parsed ? parsed.scripts : undefined;
  return typeof scripts === 'object' && scripts !== null ? { ...scripts } : {};
}

/** The command of a gate: the npm script `gate:<name>`, so that package.json is the one place that says what a gate does. Throws when there is none. */
export function commandOf(root: string, name: string): string {
  const command = scriptsOf(root)[`gate:${name}`];
  if (typeof command === 'string') return command;
  throw new Error(`there is no gate "${name}": package.json has no script "gate:${name}"`);
}

async function runGate(root: string, name: string): Promise<GateResult> {
  const command = commandOf(root, name);
  console.log(`\n── ${name}: ${command}`);
  const startedMs = performance.now();
  const passed = (await runCommand(root, command)) === 0;
  const seconds = (performance.now() - startedMs) / 1000;
  console.log(`── ${name} ${passed ? 'passed' : 'FAILED'} (${seconds.toFixed(1)} s)`);
  return { name, passed, seconds };
}

/** Runs the gates one after the other and all of them, also after one has failed. Throws when a gate has no script. */
export async function runGates(root: string, names: readonly string[]): Promise<GateResult[]> {
  const results: GateResult[] = [];
  for (const name of names) results.push(await runGate(root, name));
  return results;
}

/** One line per gate for the end of a run. */
export function describeGates(results: readonly GateResult[]): string {
  return results.map(({ name, passed, seconds }) => `${passed ? 'ok    ' : 'FAILED'} ${name} (${seconds.toFixed(1)} s)`).join('\n');
}
