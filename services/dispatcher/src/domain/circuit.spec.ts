import { describe, expect, it } from 'vitest';
import { afterFailure, afterNoProbe, afterSuccess, askPassage, CLOSED, type Circuit, type CircuitPolicy } from './circuit.ts';

const policy: CircuitPolicy = { failuresToOpen: 3, firstPauseMs: 1_000, longestPauseMs: 3_000 };
const failTimes = (times: number, start: Circuit = CLOSED, nowMs = 0): Circuit =>
  Array.from({ length: times }).reduce<Circuit>((circuit) => afterFailure(circuit, nowMs, policy), start);

describe('circuit', () => {
  it('lets attempts pass until the failures are too many in a row', () => {
    expect(askPassage(failTimes(2), 0)).toEqual({ kind: 'pass' });
    expect(askPassage(failTimes(3), 0)).toEqual({ kind: 'paused', untilMs: 1_000 });
  });

  it('counts only failures in a row', () => {
    expect(askPassage(failTimes(2, afterSuccess()), 0)).toEqual({ kind: 'pass' });
  });

  it('lets one probe through when the pause is over', () => {
    const open = failTimes(3);
    expect(askPassage(open, 999).kind).toBe('paused');
    const probe = askPassage(open, 1_000);
    expect(probe.kind).toBe('probe');
    if (probe.kind === 'probe') expect(askPassage(probe.circuit, 1_000)).toEqual({ kind: 'paused' });
  });

  it('doubles the pause with every failed probe, up to the longest', () => {
    const halfOpen = (pauseMs: number): Circuit => ({ kind: 'half_open', pauseMs });
    expect(afterFailure(halfOpen(1_000), 5_000, policy)).toEqual({ kind: 'open', untilMs: 7_000, pauseMs: 2_000 });
    expect(afterFailure(halfOpen(2_000), 5_000, policy)).toEqual({ kind: 'open', untilMs: 8_000, pauseMs: 3_000 });
  });

  it('does not stretch the pause for failures that were under way when it opened', () => {
    const open = failTimes(3);
    expect(afterFailure(open, 500, policy)).toBe(open);
  });

  it('lets the next one probe when a probe was never sent', () => {
    const circuit = afterNoProbe({ kind: 'half_open', pauseMs: 1_000 }, 50);
    expect(askPassage(circuit, 50).kind).toBe('probe');
  });
});
