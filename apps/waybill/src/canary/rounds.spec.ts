import { describe, expect, it } from 'vitest';
import { type Door, Rounds } from './rounds.ts';
import { type DoorAnswer, type Outcome, Watch } from './watch.ts';

const US = { region: 'us', url: 'http://us' };
const EU = { region: 'eu', url: 'http://eu' };
const EVERY_MS = 15_000;
const never = new Promise<never>(() => undefined);

/** A canary on a clock that only `after` moves. `behaviour` says what a door does; one that is not named answers 202 at once. */
function canary(behaviour: Readonly<Record<string, () => Promise<DoorAnswer>>> = {}, known: readonly string[] = ['us', 'eu']) {
  const doors: readonly Door[] = [US, EU];
  const world = { nowMs: 0, doors, known: new Set(known), mended: 0 };
  const sleepers: { readonly untilMs: number; readonly wake: () => void }[] = [];
  const sent: string[] = [];
  const ended: Outcome[] = [];
  const stopping = new AbortController();
  const nowMs = (): number => world.nowMs;
  const watch = new Watch({ awaitsDelivery: false, nowMs, ended: (outcome) => ended.push(outcome) });
  let ids = 0;
  const ports = {
    doors: () => world.doors,
    isKnown: async ({ region }: Door) => world.known.has(region),
    send: ({ region }: Door): Promise<DoorAnswer> => {
      sent.push(`${region} at ${world.nowMs}`);
      return behaviour[region]?.() ?? Promise.resolve({ status: 202 });
    },
    newId: () => `c${(ids += 1)}`,
    unknown: () => void (world.mended += 1),
    pause: (ms: number) => new Promise<void>((resolve) => sleepers.push({ untilMs: world.nowMs + ms, wake: resolve })),
    nowMs,
    everyMs: EVERY_MS,
  };
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const wakeDue = async (): Promise<void> => {
    for (let at = 0; at < sleepers.length;) {
      if ((sleepers[at]?.untilMs ?? Infinity) > world.nowMs) at += 1;
      else sleepers.splice(at, 1)[0]?.wake();
    }
    await settle();
  };
  const after = async (ms: number): Promise<void> => {
    const end = world.nowMs + ms;
    await settle();
    for (let next = nextWake(); next <= end; next = nextWake()) {
      world.nowMs = next;
      await wakeDue();
    }
    world.nowMs = end;
  };
  const nextWake = (): number => Math.min(Infinity, ...sleepers.map(({ untilMs }) => untilMs));
  void new Rounds(ports, watch).run(stopping.signal);
  return { world, sent, ended, after, stop: () => stopping.abort() };
}

describe('the rounds of a canary', () => {
  it('bring an event to every door, again and again', async () => {
    const { sent, ended, after } = canary();
    await after(2 * EVERY_MS);
    expect(sent).toEqual([0, 1, 2].flatMap((n) => [`us at ${n * EVERY_MS}`, `eu at ${n * EVERY_MS}`]));
    expect(ended.map(({ region, result }) => `${region} ${result}`)).toEqual(
      Array.from({ length: 3 }, () => ['us accepted', 'eu accepted']).flat(),
    );
  });

  it('do not wait for a door that hangs', async () => {
    const { sent, ended, after } = canary({ us: () => never });
    await after(EVERY_MS);
    expect(sent.filter((line) => line.startsWith('us'))).toHaveLength(2);
    expect(ended.map(({ region }) => region)).toEqual(['eu', 'eu']);
  });

  it('leave a region out that does not know the source yet, for 15 s at most, and no other one', async () => {
    const { world, sent, after } = canary({}, ['eu']);
    await after(1_000);
    expect(sent).toEqual(['eu at 0']);
    world.known.add('us');
    await after(250);
    expect(sent).toEqual(['eu at 0', 'us at 1250']);

    const other = canary({}, ['eu']);
    await other.after(14_999);
    expect(other.sent).toEqual(['eu at 0']);
    await other.after(1);
    expect(other.sent).toContain('us at 15000');
  });

  it('go to a region that joins, and no more to one that is gone', async () => {
    const { world, sent, after } = canary();
    world.doors = [US];
    await after(0);
    world.doors = [EU];
    await after(EVERY_MS);
    world.doors = [US, EU];
    await after(EVERY_MS);
    expect(sent.toSorted()).toEqual(['eu at 15000', 'eu at 30000', 'us at 0', 'us at 30000']);
  });

  it.each([
    ['WB_SOURCE_UNKNOWN', 404, 1],
    ['WB_SIGNATURE_INVALID', 401, 1],
    ['WB_TIMESTAMP_STALE', 401, 0],
  ])('ask to be set up again after %s: %s', async (reason, status, times) => {
    const { world, ended, after } = canary({ us: async () => ({ status, reason }) });
    await after(0);
    expect(world.mended).toBe(times);
    expect(ended).toMatchObject([{ region: 'us', result: 'refused', reason }, { result: 'accepted' }]);
  });

  it('end when they are told to', async () => {
    const { sent, after, stop } = canary();
    await after(0);
    stop();
    await after(3 * EVERY_MS);
    expect(sent).toHaveLength(2);
  });
});
