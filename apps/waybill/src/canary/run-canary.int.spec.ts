import { Metrics, type WorkLine } from '@waybill/runtime';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type CanaryOptions, runCanary, type RunningCanary } from './run-canary.ts';
import { startDoor, type TestDoor } from './testing/door.ts';

const ADMIN_KEY = 'wbk_an_admin_key_of_tests';
const ENDPOINT = '/v1/tenants/waybill-canary/endpoints/waybill-canary';
const undo: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step();
});

interface Started {
  readonly canary: RunningCanary;
  readonly lines: readonly object[];
  /** Value of a metric with these labels; undefined when it is not exposed. */
  readonly value: (series: string) => Promise<number | undefined>;
}

async function start(doors: Readonly<Record<string, TestDoor>>, change: Partial<CanaryOptions> = {}): Promise<Started> {
  const lines: object[] = [];
  const keep =
    (level: string) =>
    (line: WorkLine): void =>
      void lines.push({ level, ...line });
  const canary = await runCanary({
    doors: () => Object.entries(doors).map(([region, { url }]) => ({ region, url })),
    adminKey: ADMIN_KEY,
    receiverUrl: undefined,
    everyMs: 100,
    host: '127.0.0.1',
    port: 0,
    metrics: new Metrics({ isOn: true }),
    work: { done: keep('info'), failed: keep('warn') },
    say: (level, fields) => void lines.push({ level, ...fields }),
    ...change,
  });
  undo.push(() => canary.stop());
  const value = async (series: string): Promise<number | undefined> => {
    const text = await (await fetch(`http://127.0.0.1:${canary.port}/metrics`)).text();
    const line = text.split('\n').find((one) => one.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.slice(series.length));
  };
  return { canary, lines, value };
}

async function door(stored?: Map<string, unknown>): Promise<TestDoor> {
  const made = await startDoor(ADMIN_KEY, stored);
  undo.push(() => made.close());
  return made;
}

async function freePort(): Promise<number> {
  const taken = await startDoor(ADMIN_KEY);
  await taken.close();
  return Number(new URL(taken.url).port);
}

const events = (region: string, result: string): string => `waybill_canary_events_total{region="${region}",result="${result}"}`;
const success = (region: string): string => `waybill_canary_last_success_timestamp_seconds{region="${region}"}`;
const soon = (check: () => Promise<void> | void): Promise<void> => vi.waitFor(check, { timeout: 30_000, interval: 50 });

describe('the canary', () => {
  it('tells what became of its events, region by region, and one that hangs delays nobody', async () => {
    const us = await door();
    const [eu, ap] = [await door(us.stored), await door(us.stored)];
    eu.mode = 'hangs';
    ap.mode = 'refuses';
    const port = await freePort();
    const { value, lines } = await start({ us, eu, ap }, { port, receiverUrl: `http://127.0.0.1:${port}/` });
    await soon(async () => {
      expect(await value(events('us', 'delivered'))).toBeGreaterThan(2);
      expect(await value(events('ap', 'refused'))).toBeGreaterThan(2);
    });
    expect(await value(events('eu', 'delivered'))).toBe(0);
    expect(await value(events('us', 'lost'))).toBe(0);
    expect(await value('waybill_canary_ack_seconds_count{region="us"}')).toBeGreaterThan(2);
    expect(await value('waybill_canary_delivery_seconds_count{region="us"}')).toBeGreaterThan(2);
    const [last, never] = [await value(success('us')), await value(success('eu'))];
    expect(last).toBeGreaterThan(Number(never));
    expect(lines).toContainEqual(
      expect.objectContaining({ level: 'info', work: 'canary', outcome: 'delivered', origin: 'us', status: 202 }),
    );
    expect(lines).toContainEqual(
      expect.objectContaining({ level: 'warn', outcome: 'refused', origin: 'ap', status: 503, reason: 'WB_LOG_FULL' }),
    );
    expect(JSON.stringify(lines)).not.toMatch(/whsec_|wbk_/);
  });

  it('sets itself up once, mends what was removed, and is content with 202 where nothing can reach it', async () => {
    const us = await door();
    us.stored.set(ENDPOINT, { url: 'http://127.0.0.1:9/', disabled: false });
    const { value, canary } = await start({ us });
    await soon(async () => expect(await value(events('us', 'accepted'))).toBeGreaterThan(1));
    expect(us.stored.get(ENDPOINT)).toEqual({ url: 'https://canary.invalid/', disabled: true });
    const made = us.calls.filter((call) => call.startsWith('P') && !call.includes('/webhooks/'));
    expect(made).toEqual(['PUT /v1/tenants/waybill-canary', `PATCH ${ENDPOINT}`, 'PUT /v1/sources/waybill-canary']);

    us.stored.delete('/v1/sources/waybill-canary');
    await soon(async () => expect(await value(events('us', 'refused'))).toBeGreaterThan(0));
    const before = Number(await value(events('us', 'accepted')));
    await soon(async () => expect(await value(events('us', 'accepted'))).toBeGreaterThan(before));
    expect(us.calls.filter((call) => call === 'PUT /v1/tenants/waybill-canary')).toHaveLength(1);

    const stranger = await fetch(`http://127.0.0.1:${canary.port}/`, { method: 'POST', body: '{}' });
    expect(stranger.status).toBe(401);
    expect((await fetch(`http://127.0.0.1:${canary.port}/health/live`)).status).toBe(200);
  });

  it('has its deliveries again when its endpoint was disabled under it', async () => {
    const us = await door();
    const port = await freePort();
    const { value } = await start({ us }, { port, receiverUrl: `http://127.0.0.1:${port}/`, deliveryMs: 200 });
    await soon(async () => expect(await value(events('us', 'delivered'))).toBeGreaterThan(0));
    us.stored.set(ENDPOINT, { url: `http://127.0.0.1:${port}/`, disabled: true });
    await soon(async () => expect(await value(events('us', 'lost'))).toBeGreaterThan(0));
    const before = Number(await value(events('us', 'delivered')));
    await soon(async () => expect(await value(events('us', 'delivered'))).toBeGreaterThan(before));
  });

  it('waits where everybody sees it while no region answers, and counts from its start', async () => {
    const us = await door();
    const { url } = us;
    await us.close();
    const { lines, value } = await start({ us: { ...us, url } });
    await soon(() => expect(lines).toContainEqual(expect.objectContaining({ event: 'canary.waiting' })));
    expect(Math.abs(Number(await value(success('us'))) - Date.now() / 1_000)).toBeLessThan(60);
  });
});
