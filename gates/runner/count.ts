/** Tests by how they ended. */
export interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** One test file of the runner's JSON report, reduced to what counting needs. */
export interface FileReport {
  readonly failed: boolean;
  readonly tests: readonly string[];
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

function fileReport(value: unknown): FileReport {
  if (!isRecord(value)) throw new TypeError('the test report has a file entry that is no object');
  const tests = listOf(value['assertionResults']).map((test) => (isRecord(test) ? String(test['status']) : 'failed'));
  return { failed: value['status'] === 'failed', tests };
}

/** Reads the runner's JSON report. Throws when it is not one. */
export function parseReport(text: string): FileReport[] {
  const report: unknown = JSON.parse(text);
  if (!isRecord(report) || !Array.isArray(report['testResults'])) throw new TypeError('this is not a test report: it has no testResults');
  return listOf(report['testResults']).map(fileReport);
}

/**
 * Counts one file. A file that failed without a failed test never got to run all of its tests (it did not load, or a hook threw):
 * the report calls those tests skipped or leaves them out, and here they are failures, at least one per file.
 */
function countFile({ failed, tests }: FileReport): Count {
  const passed = tests.filter((status) => status === 'passed').length;
  const failures = tests.filter((status) => status === 'failed').length;
  const skipped = tests.length - passed - failures;
  if (!failed || failures > 0) return { passed, failed: failures, skipped };
  return { passed, failed: Math.max(skipped, 1), skipped: 0 };
}

/** Adds up counts. */
export function addCounts(counts: readonly Count[]): Count {
  const sum = (field: keyof Count): number => counts.reduce((total, count) => total + count[field], 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
}

/** Counts a whole report; `exitCode` is the runner's. It also fails for errors outside of any test, which no file entry shows: that is one failure. */
export function countReport(files: readonly FileReport[], exitCode: number): Count {
  const count = addCounts(files.map(countFile));
  return exitCode !== 0 && count.failed === 0 ? { ...count, failed: 1 } : count;
}

/** The last line of a test run. */
export const lastLine = ({ passed, failed, skipped }: Count): string => `${passed} passed, ${failed} failed, ${skipped} skipped`;

/** Exit code of a test run: 0 only when something ran and nothing failed. */
export const exitCodeOf = ({ passed, failed }: Count): number => (failed === 0 && passed > 0 ? 0 : 1);
