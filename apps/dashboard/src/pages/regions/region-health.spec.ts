import { describe, expect, it } from 'vitest';
import type { Region, Regions } from '../../api/regions.ts';
import type { RegionFigures } from './figures.ts';
import { healthOf } from './region-health.ts';

const quiet = { queueDepth: 0, inFlight: 0, errorRate: 0, spilling: false, lagMs: {} };
const region = (id: string, more: Partial<Region> = {}): Region => ({
  id,
  cloudRegion: id,
  state: 'active',
  share: 100,
  epoch: 1,
  leaseAgeMs: 800,
  report: quiet,
  isSelf: false,
  ...more,
});
const all = (...data: Region[]): Regions => ({ data, control: { ok: true } });
const us = region('us');
const judge = (eu: Region, other = us, figures?: RegionFigures) => healthOf(eu, all(eu, other), figures);

describe('how a region is', () => {
  it('is healthy when nothing is the matter', () => expect(judge(region('eu'))).toEqual({ word: 'healthy', tone: 'good', reasons: [] }));

  it.each([
    ['silent', 'bad', region('eu', { leaseAgeMs: 12_000 }), 'has not renewed its lease for 12 s'],
    ['draining', 'warn', region('eu', { state: 'draining', share: 0 }), 'the other regions'],
    ['drained', 'off', region('eu', { state: 'drained', share: 0, to: 'us' }), 'everything else is done by us'],
    ['recovering', 'warn', region('eu', { state: 'recovering', share: 25 }), '25 % now'],
    ['unknown', 'off', { ...region('eu'), state: 'unknown', leaseAgeMs: 90_000 } as const, 'not been started'],
    ['degraded', 'warn', region('eu', { report: { ...quiet, spilling: true } }), 'overloaded'],
    ['degraded', 'warn', region('eu', { report: { ...quiet, errorRate: 0.083 } }), '8.3 % of its attempts'],
    ['degraded', 'warn', region('eu', { report: { ...quiet, lagMs: { us: 15_000 } } }), 'Copies from us are 15 s behind'],
  ])('is %s, %s', (word, tone, eu, reason) => {
    expect(judge(eu)).toMatchObject({ word, tone, reasons: [expect.stringContaining(reason)] });
  });

  it('is failed whether or not it is back, and says which; that others took its lease is no sign of life', () => {
    const eu = region('eu', { state: 'failed', to: 'us' });
    const { report: _none, ...mute } = eu;
    const [down, up] = [judge(mute), judge(eu)];
    expect(down).toMatchObject({ word: 'failed', reasons: [expect.stringContaining('by us'), expect.stringContaining('does not report')] });
    expect(up).toMatchObject({ word: 'failed', reasons: [expect.stringContaining('by us'), expect.stringContaining('failed back')] });
  });

  it('misses the report of one that renews its lease', () => {
    const { report: _none, ...mute } = region('eu');
    expect(judge(mute).reasons).toEqual([expect.stringContaining('does not report')]);
    expect(healthOf(mute, all(mute), undefined).reasons).toEqual([]);
  });

  it('is not blamed for what a region does not send that is down', () => {
    const { report: _none, ...down } = region('us', { leaseAgeMs: 60_000 });
    expect(judge(region('eu', { report: { ...quiet, lagMs: { us: 60_000 } } }), down).word).toBe('healthy');
  });

  it('is slow above what is promised, not at it', () => {
    const figures = (ackMs: number, processingMs: number): RegionFigures => {
      const of = (p95Ms: number) => ({ p50Ms: 1, p95Ms, p99Ms: 900, count: 9 });
      const counts = { events: 9, deliveries: 9, delivered: 9, deadLettered: 0, denied: 0, attempts: 9, failedAttempts: 0, refused: 0 };
      const minute = { at: '2026-11-21T10:00:00.000Z', ...counts, ack: of(ackMs), processing: of(processingMs), attempt: null };
      return { region: 'eu', totals: { deadLetters: {} }, oldestOpen: null, minute, hour: null };
    };
    expect(judge(region('eu'), us, figures(50, 250)).word).toBe('healthy');
    const { word, reasons } = judge(region('eu'), us, figures(75.4, 1_300));
    expect([word, reasons]).toEqual(['degraded', [expect.stringContaining('75.4 ms'), expect.stringContaining('1.3 s')]]);
  });

  it('says that its state is old while the control bucket cannot be read', () => {
    const { reasons } = healthOf(us, { data: [us, region('eu')], control: { ok: false, detail: 'no responders' } }, undefined);
    expect(reasons).toEqual([expect.stringContaining('no responders')]);
  });
});
