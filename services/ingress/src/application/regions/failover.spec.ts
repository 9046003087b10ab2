import { isWaybillError, type RegionRecord, type RegionReport, type RegionState, WaybillError } from '@waybill/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import { failOver } from './failover.ts';
import type { RegionCommandPorts, RegionControl, RegionPorts } from './region-ports.ts';

let nowMs: number;
let records: Map<string, RegionRecord>;
let reports: Map<string, RegionReport>;
let silentMs: Map<string, number>;
let failure: string | undefined;
let appended: RegionRecord[];
/** What happens while time passes. */
let meanwhile: () => void;

const record = (region: string, state: RegionState = 'active', more: Partial<RegionRecord> = {}): RegionRecord => {
  const at = new Date(0).toISOString();
  const by = { since: at, who: region, why: 'first start', how: 'automatic', renewedAt: at, holder: 'spec' } as const;
  return { v: 1, region, state, epoch: 4, share: state === 'active' ? 100 : 0, ...by, ...more };
};
const report = (region: string): RegionReport => {
  const counts = { queueDepth: 0, inFlight: 7, concurrencyPercent: 0, errorRate: 0 };
  return { v: 1, region, at: new Date(0).toISOString(), ...counts, spilling: false, lagMs: {} };
};
const control: RegionControl = {
  record: (region) => records.get(region),
  report: (region) => reports.get(region),
  unchangedMs: (region) => silentMs.get(region) ?? 0,
  get failure() {
    return failure;
  },
  routing: (order) => ({ order, states: records, spilling: new Set() }),
  refresh: async () => undefined,
  change: async (region, next) => {
    const changed = next(records.get(region));
    records.set(region, changed);
    return changed;
  },
};
const ports: RegionCommandPorts = {
  who: 'ann',
  region: 'us',
  order: ['us', 'eu', 'ap'],
  cloudRegion: (id) => id,
  url: (id) => `https://${id}.test`,
  control,
  tenants: () => [],
  endpointsOf: () => [],
  strictHomes: async () => [],
  appendChange: async (changed) => appended.push(changed),
  answers: async () => false,
  nowMs: () => nowMs,
  wait: async (ms) => {
    nowMs += ms;
    meanwhile();
  },
};
const setState = (state: RegionState): void => void records.set('eu', { ...record('eu', state), epoch: 9 });

type Steps = { step: string; ok: boolean; detail: string }[];
const ask = async (body: object, more: Partial<RegionPorts> = {}): Promise<{ code: string; detail: string; steps: Steps }> => {
  try {
    const outcome = await failOver({ ...ports, ...more }, 'eu', { reason: 'spec', ...body }, new AbortController().signal);
    return { code: 'done', detail: '', steps: 'steps' in outcome ? outcome.steps : [] };
  } catch (error) {
    if (!isWaybillError(error)) throw error;
    const { steps } = error.extra;
    return { code: error.code, detail: error.message, steps: Array.isArray(steps) ? steps : [] };
  }
};
const missed = (steps: Steps): string[] => steps.filter(({ ok }) => !ok).map(({ step }) => step);

beforeEach(() => {
  nowMs = Date.UTC(2026, 0, 1);
  records = new Map(['us', 'eu', 'ap'].map((region) => [region, record(region)]));
  reports = new Map(['us', 'eu', 'ap'].map((region) => [region, report(region)]));
  silentMs = new Map();
  failure = undefined;
  appended = [];
  meanwhile = () => setState('drained');
});

describe('who stands in', () => {
  it.each([
    ['nobody is active', () => ['us', 'ap'].map((region) => records.set(region, record(region, 'recovering', { share: 50 }))), {}],
    ['nobody is heard of', () => ['us', 'ap'].map((region) => silentMs.set(region, 6_000)), {}],
    ['the chosen one is draining', () => [records.set('ap', record('ap', 'draining'))], { to: 'ap' }],
  ])('refuses when %s, and changes nothing', async (_name, given, body) => {
    given();
    expect((await ask(body)).code).toBe('WB_REGION_STATE');
    expect((await ask({ ...body, dryRun: true })).code).toBe('WB_REGION_STATE');
    expect((await ask({ ...body, force: true })).code).toBe('WB_REGION_STATE');
    expect([records.get('eu')?.state, appended]).toEqual(['active', []]);
  });

  it('says so when they do not report in the end', async () => {
    reports.delete('ap');
    const { code, steps } = await ask({});
    expect([code, missed(steps)]).toEqual(['done', ['taken over']]);
    expect(steps.at(-1)?.detail).toContain('ap does not report');
  });
});

describe('the wait for a drain', () => {
  it('ends after 90 s, says what is left, and goes on when asked again', async () => {
    meanwhile = () => undefined;
    const { code, detail, steps } = await ask({});
    expect([code, missed(steps)]).toEqual(['WB_REGION_STATE', ['drained']]);
    expect(detail).toContain('7 attempts are in flight');
    const { epoch } = records.get('eu') ?? {};
    meanwhile = () => setState('drained');
    expect((await ask({})).code).toBe('done');
    expect(appended.map((changed) => changed.epoch)).toEqual([epoch]);
  });

  it('ends when the region falls silent: with force it can be declared failed', async () => {
    meanwhile = () => silentMs.set('eu', 6_000);
    expect((await ask({})).detail).toContain('"force": true');
    expect((await ask({}, { answers: async () => true })).code).toBe('WB_FAILOVER_UNSAFE');
    expect((await ask({ force: true })).code).toBe('done');
    expect(records.get('eu')).toMatchObject({ state: 'failed', forced: true, who: 'ann' });
  });

  it('does not begin with a region that is silent already', async () => {
    silentMs.set('eu', 6_000);
    expect((await ask({})).code).toBe('WB_REGION_STATE');
    expect([records.get('eu')?.state, appended]).toEqual(['active', []]);
  });

  it('ends when somebody else decides otherwise', async () => {
    meanwhile = () => setState('active');
    expect((await ask({})).detail).toBe('eu became active meanwhile');
  });

  it('outlasts a hub that is away for a while, and tells when it stays away', async () => {
    let looks = 0;
    meanwhile = () => {
      looks += 1;
      failure = looks < 20 ? 'no responders' : undefined;
      if (looks === 25) setState('drained');
    };
    expect((await ask({})).code).toBe('done');
    setState('active');
    meanwhile = () => {
      failure = 'no responders';
    };
    expect((await ask({})).code).toBe('WB_CONTROL_AWAY');
  });
});

it('a change whose fact cannot be stored stands, and is told', async () => {
  const appendChange = async (): Promise<never> => {
    throw new WaybillError('WB_LOG_FULL', 'no room');
  };
  const { code, steps } = await ask({ force: true }, { appendChange });
  expect([code, missed(steps)]).toEqual(['done', ['recorded']]);
  expect(records.get('eu')).toMatchObject({ state: 'failed', epoch: 5 });
});

it('with one region there is nobody to fail over to', async () => {
  expect((await ask({}, { order: ['eu'], control: undefined })).code).toBe('WB_REGION_STATE');
});
