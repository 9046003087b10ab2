import { DELIVERY_STATES, MOST_IN_FRAME } from '@waybill/contracts';
import { describe, expect, it } from 'vitest';
import type { LiveChange } from '../../domain/live/live-change.ts';
import { LiveHub, MOST_CLIENTS } from './live-hub.ts';
import type { LiveNotice, ReadStretch } from './live-ports.ts';

const STATE = { behind: 0, rebuilding: false, problems: [] };
const decoder = new TextDecoder();

/** A hub with a clock that the test turns, and what it was asked to read from the streams. */
function makeHub(readStretch: ReadStretch = async () => undefined) {
  const timers = new Set<() => void>();
  let nowMs = 1_000;
  const hub = new LiveHub({
    region: 'local',
    readStretch,
    nowMs: () => nowMs,
    later: (work) => {
      timers.add(work);
      return () => void timers.delete(work);
    },
    newSalt: () => 'again',
    digest: (text) => String(text.length),
  });
  const pass = (ms: number): void => {
    nowMs += ms;
    const due = Array.from(timers);
    timers.clear();
    for (const work of due) work();
  };
  return { hub, pass };
}

/** Somebody who follows, and what it was sent. */
function follower(hub: LiveHub, lastId = '') {
  const texts: string[] = [];
  const client = { send: (bytes: Uint8Array) => void texts.push(decoder.decode(bytes)), end: () => void texts.push('end') };
  hub.join(client, lastId, STATE);
  const events = () => texts.filter((text) => text.includes('event: ') && !text.includes('event: state'));
  return {
    client,
    texts,
    ids: () => texts.flatMap((text) => /^id: (.*)$/m.exec(text)?.[1] ?? []),
    jobs: () => events().map((text) => /"jobs":\[([^\]]*)\]/.exec(text)?.[1] ?? /event: (.*)/.exec(text)?.[1]),
  };
}

const opened = (log = 0): LiveNotice => ({
  kind: 'opened',
  position: { log, peers: 0, registry: 0 },
  streams: { log: 'then', peers: null },
});
const moved = (from: number, to: number, change?: LiveChange): LiveNotice => ({
  kind: 'moved',
  part: 'log',
  created: 'then',
  from,
  to,
  ...(change && { change }),
});
const job = (n: number): LiveChange => ({ jobs: [`j${n}`] });

describe('following', () => {
  it('is told at once, and what comes within 50 ms is told as one', () => {
    const { hub, pass } = makeHub();
    hub.serve(0);
    hub.told(0, opened());
    const { jobs } = follower(hub);
    hub.told(0, moved(0, 1, job(1)));
    hub.told(0, moved(1, 2, job(2)));
    hub.told(0, moved(2, 3, job(3)));
    expect(jobs()).toEqual(['"j1"']);
    pass(50);
    expect(jobs()).toEqual(['"j1"', '"j2","j3"']);
  });

  it('is told nothing of steps that change nothing, and comes back behind them all the same', () => {
    const { hub } = makeHub();
    hub.serve(0);
    hub.told(0, opened());
    const first = follower(hub);
    hub.told(0, moved(0, 100));
    expect(first.jobs()).toEqual([]);
    expect(follower(hub).ids()[0]).toMatch(/^100\.0\.0\./);
  });

  it('waits for the read models to be there, and misses nothing', () => {
    const { hub } = makeHub();
    const early = follower(hub);
    expect(early.ids()).toEqual([]);
    hub.serve(0);
    hub.told(0, opened(5));
    hub.told(0, moved(5, 6, job(1)));
    expect(early.jobs()).toEqual(['"j1"']);
  });

  it('refuses one too many, and everybody when it stops', () => {
    const { hub } = makeHub();
    const clients = Array.from({ length: MOST_CLIENTS }, () => follower(hub));
    expect(() => hub.requireRoom()).toThrow(/follow already/);
    hub.leave(clients[0]?.client ?? { send: () => undefined, end: () => undefined });
    hub.requireRoom();
    hub.close();
    expect(clients[1]?.texts.at(-1)).toBe('end');
    expect(() => hub.requireRoom()).toThrow(/stopping/);
  });
});

describe('coming back', () => {
  it('gets the frames that came after', () => {
    const { hub, pass } = makeHub();
    hub.serve(0);
    hub.told(0, opened());
    const first = follower(hub);
    for (let n = 1; n <= 3; n += 1) {
      hub.told(0, moved(n - 1, n, job(n)));
      pass(50);
    }
    const [, afterOne] = first.ids();
    expect(follower(hub, afterOne).jobs()).toEqual(['"j2"', '"j3"']);
    expect(follower(hub, first.ids().at(-1)).jobs()).toEqual([]);
  });

  it('gets what is older from the streams, read once for all, and then what came meanwhile', async () => {
    const asked: string[] = [];
    const reading = Promise.withResolvers<void>();
    const { hub } = makeHub(async (from, to) => {
      asked.push(`${from.log}-${to.log}`);
      await reading.promise;
      return [
        { position: { ...from, log: 3 }, change: job(3) },
        { position: { ...from, log: 4 }, change: undefined },
        { position: to, change: job(5) },
      ];
    });
    hub.serve(0);
    hub.told(0, opened(5));
    const id = (follower(hub).ids()[0] ?? '').replace(/^5/, '2');
    const [one, other] = [follower(hub, id), follower(hub, id)];
    hub.told(0, moved(5, 6, job(6)));
    reading.resolve();
    await expect.poll(one.jobs).toEqual(['"j3"', '"j5"', '"j6"']);
    await expect.poll(other.jobs).toEqual(['"j3"', '"j5"', '"j6"']);
    expect(asked).toEqual(['2-5']);
  });

  it.each([
    ['the streams cannot tell', (id: string) => id.replace(/^5/, '2')],
    ['the id is from the future', (id: string) => id.replace(/^5/, '6')],
    ['the id is of another generation', (id: string) => id.replace(/0-/, '1-')],
    ['the id is none', () => 'made-up'],
  ])('is reset when %s', async (_name, change) => {
    const { hub, pass } = makeHub();
    hub.serve(0);
    hub.told(0, opened(5));
    const back = follower(hub, change(follower(hub).ids()[0] ?? ''));
    await expect.poll(back.jobs).toEqual(['reset']);
    hub.told(0, moved(5, 6, job(1)));
    pass(50);
    expect(back.jobs()).toEqual(['reset', '"j1"']);
  });
});

describe('a new run', () => {
  it('begins when another generation is read, and not before', () => {
    const { hub, pass } = makeHub();
    hub.serve(0);
    hub.told(0, opened(5));
    const { jobs, ids } = follower(hub);
    hub.told(1, opened(3));
    hub.told(1, moved(3, 4, job(4)));
    expect(jobs()).toEqual([]);
    hub.serve(1);
    hub.told(1, moved(4, 5, job(5)));
    pass(50);
    expect(jobs()).toEqual(['reset', '"j5"']);
    expect(follower(hub, ids()[0]).jobs()).toEqual(['reset']);
  });

  it.each([
    ['the store is made anew', opened(0)],
    ['a stream is read again from its beginning', moved(5, 0)],
    ['a step is missing', moved(7, 8, job(1))],
    ['the stream is another', { ...moved(5, 6, job(1)), created: 'later' }],
  ])('begins when %s', (_name, notice) => {
    const { hub } = makeHub();
    hub.serve(0);
    hub.told(0, opened(5));
    const { jobs, ids } = follower(hub);
    hub.told(0, notice);
    expect(jobs()).toEqual(['reset']);
    expect(ids()[1]).toMatch(/again$/);
  });

  it('does not begin when the projection begins again where it was', () => {
    const { hub } = makeHub();
    hub.serve(0);
    hub.told(0, opened(5));
    const { jobs } = follower(hub);
    hub.told(0, opened(5));
    hub.told(0, moved(5, 6, job(1)));
    expect(jobs()).toEqual(['"j1"']);
  });
});

describe('a frame', () => {
  it('names so many rows of a kind, each once and as it is now, and says that there are more', () => {
    const { hub, pass } = makeHub();
    hub.serve(0);
    hub.told(0, opened());
    const { texts } = follower(hub);
    const delivery = (n: number) => ({
      id: `d${n}`,
      eventId: 'e',
      tenantId: 't',
      endpointId: 'ep',
      state: DELIVERY_STATES[n % 2] ?? 'delivered',
    });
    hub.told(0, moved(0, 1, job(0)));
    hub.told(0, moved(1, 2, { deliveries: [delivery(1)], audit: true }));
    hub.told(0, moved(2, 3, { deliveries: [{ ...delivery(1), state: 'delivered' }] }));
    pass(50);
    expect(texts.at(-1)?.match(/"state":"delivered"/g)).toHaveLength(1);
    expect(texts.at(-1)).toContain('"audit":true');
    expect(texts.at(-1)).not.toContain('more');
    hub.told(0, moved(3, 4, { jobs: Array.from({ length: MOST_IN_FRAME }, (_, n) => `a${n}`) }));
    hub.told(0, moved(4, 5, job(0)));
    pass(50);
    pass(50);
    expect(texts.at(-1)).toContain('"more":true');
  });
});
