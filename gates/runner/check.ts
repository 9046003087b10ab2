import { describeGates, GATES, runGates } from './gates.ts';

/** `npm run check [-- gate …]`: the named gates, or all of them and the unit tests. Resolves to the exit code. */
export async function check(root: string, only: readonly string[]): Promise<number> {
  const results = await runGates(root, only.length > 0 ? only : [...GATES, 'unit']);
  console.log(`\n${describeGates(results)}`);
  const failed = results.filter(({ passed }) => !passed).map(({ name }) => name);
  console.log(failed.length === 0 ? '\nAll gates passed.' : `\nFailed: ${failed.join(', ')}. One alone: npm run check -- ${failed[0]}`);
  return failed.length === 0 ? 0 : 1;
}
