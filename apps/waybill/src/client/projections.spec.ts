import { describe, expect, it } from 'vitest';
import { isBad, lastLines, type Projections, servingRows } from './projections.ts';

const last: NonNullable<Projections['last']> = {
  generation: 3,
  purpose: 'verify',
  startedAt: '2026-01-01T00:00:00.000Z',
  endedAt: '2026-01-01T00:00:02.500Z',
  outcome: 'compared',
  detail: null,
  facts: 12,
  completeSince: null,
  comparison: { rows: 9, since: null, differences: [] },
};
const difference = { table: 'delivery', rows: 4, missing: 1, extra: 0, different: 2, ids: ['dlv_1', 'dlv_2', 'dlv_3'] };

describe('what came of a build', () => {
  it('is good when all rows are equal', () => {
    expect(isBad(last)).toBe(false);
    expect(lastLines(last)).toEqual(['9 rows compared with what 12 facts give, in 2.5 s: all equal']);
  });

  it('names each table that differs, with counts and ids', () => {
    const wrong = { ...last, comparison: { rows: 9, since: null, differences: [difference] } };
    expect(isBad(wrong)).toBe(true);
    expect(lastLines(wrong)[1]).toBe('DIFFERENT  delivery: 1 missing, 0 too many, 2 different: dlv_1, dlv_2, dlv_3');
  });

  it('says from when on the read models are complete, and why a build was given up', () => {
    const rebuilt = {
      ...last,
      purpose: 'rebuild',
      outcome: 'serving',
      comparison: null,
      completeSince: '2025-12-31T00:00:00.000Z',
    } as const;
    expect(lastLines(rebuilt).join('\n')).toContain('complete from then on');
    expect(isBad({ ...last, outcome: 'failed', detail: 'the disk is full', comparison: null })).toBe(true);
  });
});

describe('what serves', () => {
  it('shows its streams, and the parts that have something to say', () => {
    const streams = [{ stream: 'LOG_US', checkpoint: 5, lastSeq: 7, completeSince: null }];
    const parts = [
      { part: 'log', ok: true, detail: null },
      { part: 'database', ok: true, detail: 'set aside' },
    ];
    expect(servingRows({ serving: { generation: 0, parts, streams }, build: null, last: null })).toEqual([
      ['LOG_US', 'read to 5 of 7', 'complete'],
      ['database', 'ok', 'set aside'],
    ]);
  });
});
