import { describe, expect, it } from 'vitest';
import { DeliveryManager, type RegionWorker } from './delivery-manager.ts';

/** A worker whose end the test decides. */
class FakeWorker implements RegionWorker {
  readonly region: string;
  readonly calls: string[] = [];
  complaint: string | undefined;
  remark: string | undefined;
  readonly #start: () => Promise<void>;
  readonly #ended = Promise.withResolvers<unknown>();

  constructor(region: string, start: () => Promise<void>) {
    this.region = region;
    this.#start = start;
  }

  get ended(): Promise<unknown> {
    return this.#ended.promise;
  }
  start(): Promise<void> {
    return this.#start();
  }
  crash(reason: string): void {
    this.#ended.resolve(new Error(reason));
  }
  stopTaking(): void {
    this.calls.push('stopTaking');
  }
  async close(): Promise<void> {
    this.calls.push('close');
  }
}

/** A manager on a clock of its own: `pass` lets the pauses end. */
function managed(starts: Record<string, () => Promise<void>>) {
  const clock = { nowMs: 0 };
  const made: FakeWorker[] = [];
  const downs: string[] = [];
  const sleeping = new Set<() => void>();
  const manager = new DeliveryManager<FakeWorker>({
    regions: Object.keys(starts),
    make: (region) => {
      const worker = new FakeWorker(region, starts[region] ?? (() => Promise.resolve()));
      made.push(worker);
      return worker;
    },
    onDown: (region, error, againInMs) => downs.push(`${region} ${String(error)} ${againInMs}`),
    sleep: (_ms, signal) =>
      new Promise((resolve, reject) => {
        sleeping.add(resolve);
        signal.addEventListener('abort', () => reject(new Error('aborted')));
      }),
    nowMs: () => clock.nowMs,
  });
  const pass = async () => {
    await settle();
    for (const wake of sleeping) wake();
    sleeping.clear();
    await settle();
  };
  manager.start();
  return { manager, made, downs, clock, pass };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));
const fine = () => Promise.resolve();
const fails = () => Promise.reject(new Error('no stream'));

describe('the manager of region workers', () => {
  it('starts again what cannot start, ever later, and leaves the others alone', async () => {
    const { manager, made, downs, pass } = managed({ broken: fails, fine });
    for (let n = 0; n < 7; n += 1) await pass();
    expect(downs.map((down) => down.split(' ').at(-1))).toEqual(['1000', '2000', '4000', '8000', '16000', '30000', '30000', '30000']);
    expect(made.filter(({ region }) => region === 'fine')).toHaveLength(1);
    expect(manager.health()).toEqual([
      { region: 'broken', ok: false, detail: 'stopped: no stream; started again within 30 s' },
      { region: 'fine', ok: true },
    ]);
    await manager.close();
    expect(made.every(({ calls }) => calls.join() === 'stopTaking,close' || calls.join() === 'stopTaking,stopTaking,close')).toBe(true);
  });

  it('starts a worker anew that cannot go on, at once when it ran for long', async () => {
    const { manager, made, downs, clock, pass } = managed({ us: fine });
    await pass();
    made[0]?.crash('the connection was refused');
    await pass();
    clock.nowMs += 30_000;
    made[1]?.crash('again');
    await pass();
    expect(downs).toEqual(['us Error: the connection was refused 1000', 'us Error: again 1000']);
    expect(made.map(({ calls }) => calls)).toEqual([['stopTaking', 'close'], ['stopTaking', 'close'], []]);
    expect(manager.find(({ region }) => region === 'us')).toBe(made[2]);
    await manager.close();
  });

  it('does not wait for a start that takes its time, neither for others nor at the end', async () => {
    const { manager, made, pass } = managed({ slow: () => new Promise(() => undefined), fine });
    await pass();
    expect(manager.health()).toEqual([
      { region: 'slow', ok: false, detail: 'starting' },
      { region: 'fine', ok: true },
    ]);
    manager.stopTaking();
    expect(made.map(({ calls }) => calls)).toEqual([['stopTaking'], ['stopTaking']]);
  });

  it('tells what a running worker complains about, and what it remarks', async () => {
    const { manager, made, pass } = managed({ us: fine, eu: fine });
    await pass();
    const [us, eu] = made;
    if (us !== undefined) us.complaint = 'waiting for the connection';
    if (eu !== undefined) eu.remark = 'closed';
    expect(manager.health()).toEqual([
      { region: 'us', ok: false, detail: 'waiting for the connection' },
      { region: 'eu', ok: true, detail: 'closed' },
    ]);
    await manager.close();
  });

  it('starts nothing any more once it is told to stop', async () => {
    const { manager, made, pass } = managed({ us: fails });
    await pass();
    const before = made.length;
    await manager.close();
    await pass();
    expect(made).toHaveLength(before);
  });
});
