import { dispatchDecidedSchema, type DispatchDecided } from '@waybill/contracts';
import { describe, expect, it } from 'vitest';
import { RunIndex } from './run-index.ts';

const decided = (eventId: string, runId: string): DispatchDecided =>
  dispatchDecidedSchema.parse({
    v: 1,
    eventId,
    tenantId: 'gh-acme',
    region: 'us',
    run: {
      identity: `github.com/1/${runId}/1`,
      host: 'github.com',
      repositoryId: '1',
      owner: 'acme',
      repo: 'web',
      workflow: 'ci.yml',
      id: runId,
      attempt: 1,
      conclusion: 'success',
      event: 'push',
      headBranch: 'main',
      headSha: 'a',
      url: '',
    },
    warnings: [],
    chain: { id: 'c', depth: 0, ancestors: [] },
    targets: [],
    at: '2026-01-01T00:00:00.000Z',
  });

describe('the index of runs', () => {
  it('forgets the oldest decision, and says since when it is complete', () => {
    const index = new RunIndex(5, 2);
    for (const n of [1, 2]) index.noteDecided(decided(`evt_${n}`, String(n)), { stream: 'LOG', seq: n, storedMs: 10 * n, scope: 'g' });
    expect(index.completeSinceMs).toBe(5);
    index.noteDecided(decided('evt_3', '3'), { stream: 'LOG', seq: 3, storedMs: 30, scope: 'g' });
    expect([index.decisionOf('evt_1'), index.decisionOf('evt_2')?.place.seq, index.completeSinceMs]).toEqual([undefined, 2, 11]);
  });

  it('finds a decision where a stream that was made anew has it, and keeps the first of two', () => {
    const index = new RunIndex(0);
    const fact = decided('evt_1', '1');
    index.noteDecided(fact, { stream: 'PEERS', seq: 7, storedMs: 0, scope: 'g' });
    index.noteDecided(fact, { stream: 'PEERS', seq: 3, storedMs: 0, scope: 'g' });
    index.noteDecided(fact, { stream: 'LOG', seq: 1, storedMs: 0, scope: 'g' });
    expect(index.decisionOf('evt_1')?.place).toEqual({ stream: 'PEERS', seq: 3 });
  });
});
