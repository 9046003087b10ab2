import type { RegionBeat, RegionReport, RegionSpilled } from '@waybill/contracts';
import { describe, expect, it } from 'vitest';
import { RegionReporter, type RegionReportPorts } from './region-report.ts';

const NOW_MS = Date.parse('2026-11-21T10:00:00.000Z');

function reporter(ports: Partial<RegionReportPorts> = {}) {
  const told = { beats: [] as RegionBeat[], spills: [] as RegionSpilled[], reports: [] as RegionReport[] };
  const load = { unsettled: 0 };
  const made = new RegionReporter({
    region: 'us',
    peers: ['eu', 'ap'],
    thresholds: { queueDepth: 100, concurrencyPercent: 80, errorRate: 0.05 },
    concurrency: 50,
    inFlight: () => 10,
    waitingForTurn: () => 0,
    errorRate: () => 0.01,
    unsettledPlans: async () => load.unsettled,
    newestBeatMs: async (peer) => (peer === 'eu' ? NOW_MS - 1_500 : undefined),
    wasSpilling: async () => false,
    appendBeat: async (fact) => void told.beats.push(fact),
    appendSpilled: async (fact) => void told.spills.push(fact),
    putReport: async (report) => void told.reports.push(report),
    nowMs: () => NOW_MS,
    ...ports,
  });
  return { made, told, load };
}

describe('the report of a region', () => {
  it('says how much waits, how full it is, and how far each peer is behind', async () => {
    const { made, told, load } = reporter();
    load.unsettled = 40;
    await made.tell();
    expect(told.beats).toEqual([{ v: 1, region: 'us', at: '2026-11-21T10:00:00.000Z' }]);
    expect(told.reports).toMatchObject([
      { queueDepth: 30, inFlight: 10, concurrencyPercent: 20, errorRate: 0.01, spilling: false, lagMs: { eu: 1_500 } },
    ]);
  });

  it('counts what the region’s own rate keeps waiting, whose plans are settled', async () => {
    const { made, told } = reporter({ waitingForTurn: () => 70 });
    await made.tell();
    expect(told.reports).toMatchObject([{ queueDepth: 70 }]);
  });

  it('decides to spill once, with the values that decided it', async () => {
    const { made, told, load } = reporter();
    load.unsettled = 1_000;
    for (let n = 0; n < 5; n += 1) await made.tell();
    expect(told.reports.map(({ spilling }) => spilling)).toEqual([false, false, true, true, true]);
    expect(told.spills).toMatchObject([{ spilling: true, because: 'queue_depth', queueDepth: 990 }]);
  });

  it('goes on with what was decided before it was started', async () => {
    const { made, told } = reporter({ wasSpilling: async () => true });
    for (let n = 0; n < 6; n += 1) await made.tell();
    expect(told.spills).toMatchObject([{ spilling: false, because: 'below_all' }]);
  });

  it('does not count a change whose fact could not be stored', async () => {
    let fails = true;
    const spills: RegionSpilled[] = [];
    const appendSpilled = async (fact: RegionSpilled) => {
      if (fails) throw new Error('away');
      spills.push(fact);
    };
    const { made, told, load } = reporter({ appendSpilled });
    load.unsettled = 1_000;
    await made.tell();
    await made.tell();
    await expect(made.tell()).rejects.toThrow('away');
    fails = false;
    await made.tell();
    expect([told.reports.map(({ spilling }) => spilling), spills.length]).toEqual([[false, false, true], 1]);
  });

  it('is told that nothing arrives, also from a region whose clock is ahead', async () => {
    let [nowMs, beatMs] = [NOW_MS, NOW_MS + 600_000];
    const { made } = reporter({ peers: ['eu'], nowMs: () => nowMs, newestBeatMs: async () => beatMs });
    const lag = async (afterMs: number): Promise<number | undefined> => {
      nowMs += afterMs;
      await made.tell();
      return made.lagMs.get('eu');
    };
    expect(await lag(0)).toBe(0);
    expect(await lag(90_000)).toBe(90_000);
    beatMs += 2_000;
    expect(await lag(2_000)).toBe(0);
    // One whose clock is behind, or whose facts are late.
    beatMs = nowMs - 70_000;
    expect(await lag(0)).toBe(70_000);
  });

  it('beats although the report cannot be stored', async () => {
    const { made, told } = reporter({ putReport: () => Promise.reject(new Error('no hub')) });
    await expect(made.tell()).rejects.toThrow('no hub');
    expect(told.beats).toHaveLength(1);
  });
});
