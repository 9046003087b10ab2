import { type DispatchSwept, WaybillError } from '@waybill/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ListedDelivery } from '../../domain/github/lost-deliveries.ts';
import { Sweeper, type SweepPorts } from './sweeper.ts';

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

class Refused extends Error {
  override readonly name = 'GithubRefused';
}

/** A world with a clock of its own, and what the sweeper did in it. */
class World {
  nowMs = Date.UTC(2026, 0, 10);
  /** GitHub's list, the newest first. */
  list: ListedDelivery[] = [];
  pageSize = 100;
  pages = 0;
  asked: string[] = [];
  facts: DispatchSwept[] = [];
  told: string[] = [];
  stored = new Set<string>();
  isMine = true;
  isReady = true;
  failure: Error | undefined;
  /** Called before a webhook is asked for again. */
  onAsk: (id: string) => void = () => undefined;

  lose(guid: string, atMs = this.nowMs): void {
    this.list.unshift({
      id: `id-${guid}`,
      guid,
      deliveredAt: new Date(atMs).toISOString(),
      event: 'workflow_run',
      action: 'completed',
      statusCode: 0,
      isRedelivery: false,
    });
  }

  ports(): SweepPorts {
    return {
      region: 'us',
      isMine: () => this.isMine,
      isReady: () => this.isReady,
      isStored: (guid) => this.stored.has(guid),
      lastSwept: async () => this.facts.at(-1),
      append: async (fact) => this.facts.push(fact),
      tell: (event) => void this.told.push(event),
      nowMs: () => this.nowMs,
      wait: async (ms, signal) => {
        signal.throwIfAborted();
        this.nowMs += ms;
      },
      github: {
        hookDeliveries: async (cursor = '0') => {
          this.pages += 1;
          if (this.failure !== undefined) throw this.failure;
          const from = Number(cursor);
          const next = from + this.pageSize < this.list.length ? String(from + this.pageSize) : undefined;
          return { deliveries: this.list.slice(from, from + this.pageSize), next };
        },
        redeliver: async (id) => {
          this.onAsk(id);
          this.asked.push(id);
        },
      },
    };
  }
}

let world: World;
let sweeper: Sweeper;
let stop: AbortController;
const newProcess = (): Sweeper => new Sweeper(world.ports(), { everyMs: MINUTE, redeliverEveryMs: SECOND });
const turn = (): Promise<number> => sweeper.turn(stop.signal);
async function turns(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) world.nowMs += await turn();
}
beforeEach(() => {
  world = new World();
  sweeper = newProcess();
  stop = new AbortController();
});

describe('what is read', () => {
  it('is three days when nobody has looked before, page by page', async () => {
    world.lose('older', world.nowMs - 3 * DAY - MINUTE);
    world.lose('old', world.nowMs - 3 * DAY + MINUTE);
    for (let n = 0; n < 250; n += 1) world.lose(`new-${n}`, world.nowMs - HOUR);
    await turn();
    expect(world.pages).toBe(3);
    expect(world.asked).toHaveLength(251);
    expect(world.asked[0]).toBe('id-old');
  });

  it('is as much as GitHub may be asked for; that there is more is told', async () => {
    world.pageSize = 1;
    for (let minute = 1_100; minute > 0; minute -= 1) world.lose(`g${minute}`, world.nowMs - minute * MINUTE);
    const startedMs = world.nowMs;
    await turn();
    expect([world.pages, world.told]).toEqual([1_000, ['github.sweep_incomplete']]);
    expect(world.facts.at(-1)?.from).toBe(new Date(startedMs - 1_000 * MINUTE).toISOString());
  });

  it('is then what came after the last time, with ten minutes before it', async () => {
    await turns(1);
    world.pages = 0;
    for (let n = 0; n < 500; n += 1) world.lose(`before-${n}`, world.nowMs - HOUR);
    world.lose('late-listed', world.nowMs - 5 * MINUTE);
    await turn();
    expect(world.pages).toBe(1);
    expect(world.asked).toEqual(['id-late-listed']);
  });

  it('is everything again after an hour', async () => {
    await turns(1);
    world.lose('missed', world.nowMs - 2 * HOUR);
    await turns(50);
    expect(world.asked).toEqual([]);
    await turns(15);
    expect(world.asked).toContain('id-missed');
  });

  it('begins in a new process where the last one ended', async () => {
    await turns(1);
    sweeper = newProcess();
    world.lose('before', world.nowMs - HOUR);
    world.lose('since', world.nowMs - MINUTE);
    await turn();
    expect(world.asked).toEqual(['id-since']);
  });
});

describe('the facts', () => {
  it('are few while nothing happens: one in ten minutes', async () => {
    await turns(31);
    expect(world.facts.map(({ to }) => new Date(to).getUTCMinutes())).toEqual([0, 10, 20, 30]);
  });

  it('name what was asked for, and never so much that one grows too large', async () => {
    for (let n = 0; n < 1_200; n += 1) world.lose(`g${n}`, world.nowMs - HOUR);
    const startedMs = world.nowMs;
    await turn();
    expect(world.facts.map(({ redelivered }) => redelivered.length)).toEqual([500, 500, 200]);
    expect(world.facts.map(({ to }) => Date.parse(to) === startedMs)).toEqual([false, false, true]);
    expect(world.facts.at(-1)).toMatchObject({ region: 'us', listed: 1_200, gapSeconds: 3_600 });
  });

  it('say nothing was read when a process died before the end: the next one reads it again', async () => {
    world.lose('a', world.nowMs - 2 * MINUTE);
    world.lose('b', world.nowMs - MINUTE);
    world.onAsk = (id) => id === 'id-b' && stop.abort();
    await turn();
    expect(world.facts).toEqual([]);
    stop = new AbortController();
    world.stored.add('a');
    world.onAsk = () => undefined;
    sweeper = newProcess();
    await turn();
    expect(world.asked).toEqual(['id-a', 'id-b', 'id-b']);
    expect(world.facts).toHaveLength(1);
  });
});

describe('who and when', () => {
  it('nobody in a region whose turn it is not; what the other one wrote counts afterwards', async () => {
    world.isMine = false;
    world.lose('a');
    await turns(3);
    expect([world.pages, sweeper.view().state]).toEqual([0, 'elsewhere']);
    const to = new Date(world.nowMs).toISOString();
    world.facts.push({ v: 1, region: 'eu', from: to, to, at: to, listed: 1, redelivered: [], gapSeconds: 0 });
    world.isMine = true;
    world.lose('before', world.nowMs - HOUR);
    world.lose('b');
    await turn();
    expect(world.asked).not.toContain('id-before');
    expect(world.asked).toContain('id-b');
  });

  it('nothing is asked for while it could not be stored: its tries would be used up', async () => {
    world.lose('a');
    world.isReady = false;
    await turns(10);
    expect(world.asked).toEqual([]);
    expect(sweeper.view()).toMatchObject({ state: 'waiting', detail: expect.stringContaining('cannot store') });
    world.isReady = true;
    await turn();
    expect(world.asked).toEqual(['id-a']);
  });

  it('a sweep that is cut short does not count as read', async () => {
    world.lose('a', world.nowMs - MINUTE);
    world.lose('b');
    world.onAsk = () => (world.isReady = false);
    await turn();
    expect(world.asked).toEqual(['id-a']);
    expect(world.facts).toEqual([]);
    world.isReady = true;
    await turn();
    expect(world.asked).toEqual(['id-a', 'id-b']);
    expect(world.facts.flatMap(({ redelivered }) => redelivered.map(({ guid }) => guid))).toEqual(['a', 'b']);
  });

  it('what was stored meanwhile is not asked for', async () => {
    world.lose('a', world.nowMs - MINUTE);
    world.lose('b');
    world.onAsk = () => world.stored.add('b');
    await turn();
    expect(world.asked).toEqual(['id-a']);
  });
});

describe('GitHub', () => {
  it('limited is waited for as long as it says, told once, and gone on with', async () => {
    world.failure = new WaybillError('WB_GITHUB_LIMITED', 'slow down', { extra: { retryAfterMs: 600_000 } });
    expect([await turn(), await turn()]).toEqual([600_000, 600_000]);
    expect(sweeper.view()).toMatchObject({ state: 'waiting', detail: 'slow down' });
    world.failure = undefined;
    expect(await turn()).toBe(MINUTE);
    expect(world.told).toEqual(['github.sweep_waits', 'github.sweep_goes_on']);
  });

  it('that refuses one delivery sends the others', async () => {
    world.lose('a', world.nowMs - MINUTE);
    world.lose('b');
    world.onAsk = (id) => {
      if (id === 'id-a') throw new Refused('not found');
    };
    await turn();
    expect(world.asked).toEqual(['id-b']);
    expect(world.facts.at(-1)?.redelivered).toEqual([{ guid: 'b', deliveryId: 'id-b' }]);
  });

  it('that never gets through is given up after five tries, told once', async () => {
    world.lose('a');
    await turns(60 * 24);
    expect(world.asked).toHaveLength(5);
    expect(world.told).toEqual(['github.webhooks_given_up']);
    expect(sweeper.view()).toMatchObject({ gapSeconds: 0, waiting: 0, givenUp: 1, redelivered: 5 });
  });
});
