import { describe, expect, it } from 'vitest';
import { addCounts, countReport, exitCodeOf, lastLine, parseReport, type FileReport } from './count.ts';

const file = (failed: boolean, ...tests: string[]): FileReport => ({ failed, tests });

describe('counting a report', () => {
  it('counts tests by how they ended; a todo is skipped', () => {
    const files = [file(false, 'passed', 'passed', 'skipped'), file(true, 'passed', 'failed', 'todo')];
    expect(countReport(files, 1)).toEqual({ passed: 3, failed: 1, skipped: 2 });
  });

  it('counts a file that did not load as one failure', () => {
    expect(countReport([file(true)], 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  it('counts the tests that a failed hook kept from running as failures, not as skipped', () => {
    expect(countReport([file(true, 'skipped', 'skipped')], 1)).toEqual({ passed: 0, failed: 2, skipped: 0 });
  });

  it('counts one failure when a hook failed after its tests had passed', () => {
    expect(countReport([file(true, 'passed')], 1)).toEqual({ passed: 1, failed: 1, skipped: 0 });
  });

  it('counts one failure when the runner failed for an error outside of any test', () => {
    expect(countReport([file(false, 'passed')], 1)).toEqual({ passed: 1, failed: 1, skipped: 0 });
  });

  it('adds counts field by field', () => {
    expect(
      addCounts([
        { passed: 1, failed: 2, skipped: 3 },
        { passed: 10, failed: 20, skipped: 30 },
      ]),
    ).toEqual({ passed: 11, failed: 22, skipped: 33 });
  });
});

describe('the end of a run', () => {
  it('is the line that others read', () => {
    expect(lastLine({ passed: 12, failed: 0, skipped: 3 })).toBe('12 passed, 0 failed, 3 skipped');
  });

  it.each([
    [{ passed: 1, failed: 0, skipped: 5 }, 0],
    [{ passed: 1, failed: 1, skipped: 0 }, 1],
    [{ passed: 0, failed: 0, skipped: 0 }, 1],
    [{ passed: 0, failed: 0, skipped: 9 }, 1],
  ])('exits for %j with %i', (count, code) => {
    expect(exitCodeOf(count)).toBe(code);
  });
});

describe('reading a report', () => {
  it('takes file states and test states', () => {
    const text = JSON.stringify({
      testResults: [{ status: 'failed', assertionResults: [{ status: 'passed' }, { status: 'failed' }] }, { status: 'passed' }],
    });
    expect(parseReport(text)).toEqual([file(true, 'passed', 'failed'), file(false)]);
  });

  it.each(['{}', '[]', 'null', '{"testResults":[3]}', 'not json'])('refuses %s', (text) => {
    expect(() => parseReport(text)).toThrow();
  });
});
