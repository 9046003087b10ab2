import type { AuditReport } from '@waybill/audit';
import { describe, expect, it } from 'vitest';
import { summaryOf } from './summary.ts';

const [asked, from] = ['2026-11-01T00:00:00.000Z', '2026-11-07T00:00:00.000Z'];
const figures = { accepted: 1, planned: 1, refused: 0, attempts: 1, delivered: 1, dead_lettered: 0, denied: 0 };
const shares = { accepted: 100, planned: 100, delivered: 100 };
const log = { stream: 'LOG_US', fromSeq: 1, toSeq: 9, created: from };
const report: AuditReport = {
  version: 1,
  startedAt: from,
  tookMs: 1_000,
  range: { asked, from, to: null },
  settled: false,
  clean: true,
  regions: { us: { ...figures, shares, log } },
  copies: [],
  reads: [],
  violations: {},
  open: {},
  notices: {},
  ledgerBytes: 0,
};

describe('the summary of an audit', () => {
  it('does not call clean what the logs do not have any more, nor read models that it did not see', () => {
    const lines = summaryOf(report);
    expect(lines.at(-1)).toBe(`clean from ${from} on; of what was accepted before, nothing is proved, in 1.0 s`);
    expect(lines.join('\n')).toMatch(/read models\n +us +not compared/);
  });

  it('says clean when all that was asked for was proved', () => {
    expect(summaryOf({ ...report, range: { asked, from: asked, to: null } }).at(-1)).toBe('clean, in 1.0 s');
  });
});
