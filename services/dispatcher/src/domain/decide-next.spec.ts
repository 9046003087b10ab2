import { type AttemptFailure, type AttemptOutcome, DISPATCH_FAILURES, TARGET_DENIALS } from '@waybill/contracts';
import { describe, expect, it } from 'vitest';
import { decideNext } from './decide-next.ts';

const nowMs = Date.parse('2026-11-21T10:00:00Z');
const schedule = [5_000, 30_000];
const failed: AttemptOutcome = { kind: 'retryable', reason: 'http_status', detail: 'the receiver answered 503', httpStatus: 503 };
const decide = (outcome: AttemptOutcome, attempt: number, random = 0) => decideNext({ outcome, attempt, schedule, nowMs, random });

describe('what follows from an attempt', () => {
  it('ends a delivery that was accepted', () => {
    expect(decide({ kind: 'accepted', httpStatus: 204 }, 3)).toEqual({ kind: 'delivered' });
  });

  it('retries when the schedule says', () => {
    expect(decide(failed, 1)).toEqual({ kind: 'retry', at: '2026-11-21T10:00:05.000Z' });
    expect(decide(failed, 2)).toEqual({ kind: 'retry', at: '2026-11-21T10:00:30.000Z' });
  });

  it('adds jitter', () => expect(decide(failed, 1, 0.5)).toEqual({ kind: 'retry', at: '2026-11-21T10:00:05.250Z' }));

  it('waits longer when the receiver asks for it, never shorter', () => {
    expect(decide({ ...failed, retryAfterMs: 60_000 }, 1)).toEqual({ kind: 'retry', at: '2026-11-21T10:01:00.000Z' });
    expect(decide({ ...failed, retryAfterMs: 1_000 }, 1)).toEqual({ kind: 'retry', at: '2026-11-21T10:00:05.000Z' });
  });

  it('dead-letters when the last allowed attempt fails', () => {
    expect(decide(failed, 3)).toEqual({ kind: 'dead_lettered', reason: 'attempts_exhausted' });
  });

  it('tries soon again what was cut off, as often as that happens', () => {
    const cut: AttemptOutcome = { kind: 'retryable', reason: 'fenced', detail: '' };
    expect(decide(cut, 2)).toEqual({ kind: 'retry', at: '2026-11-21T10:00:05.000Z' });
    expect(decide(cut, 9)).toEqual({ kind: 'retry', at: '2026-11-21T10:00:05.000Z' });
  });

  it.each(['rate_limited', 'waiting_for_other', 'outcome_unknown'] as const)(
    'waits after %s as asked, as often as that happens',
    (reason) => {
      expect(decide({ kind: 'retryable', reason, detail: '', retryAfterMs: 2_000 }, 9)).toEqual({
        kind: 'retry',
        at: '2026-11-21T10:00:02.000Z',
      });
    },
  );

  it('leaves an attempt that did not count to those that follow', () => {
    const made = { outcome: failed, schedule, nowMs, random: 0 };
    expect(decideNext({ ...made, attempt: 7, uncounted: 6 })).toEqual({ kind: 'retry', at: '2026-11-21T10:00:05.000Z' });
    expect(decideNext({ ...made, attempt: 9, uncounted: 6 })).toEqual({ kind: 'dead_lettered', reason: 'attempts_exhausted' });
  });

  it('ends a dispatch with the reason why it failed or was denied', () => {
    const rejected = (reason: AttemptFailure) => decide({ kind: 'rejected', reason, detail: '' }, 1);
    expect(DISPATCH_FAILURES.map(rejected)).toEqual(DISPATCH_FAILURES.map((reason) => ({ kind: 'dead_lettered', reason })));
    expect(TARGET_DENIALS.map(rejected)).toEqual(TARGET_DENIALS.map((reason) => ({ kind: 'denied', reason })));
  });

  it('dead-letters at once when the receiver is gone', () => {
    expect(decide({ kind: 'rejected', reason: 'gone', detail: '' }, 1)).toEqual({ kind: 'dead_lettered', reason: 'endpoint_gone' });
  });

  it('denies what must not leave', () => {
    expect(decide({ kind: 'rejected', reason: 'egress_denied', detail: '' }, 1)).toEqual({ kind: 'denied', reason: 'egress_denied' });
  });
});
