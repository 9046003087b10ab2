import { setTimeout as sleep } from 'node:timers/promises';
import { subjects } from '@waybill/contracts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Bus, connectBus } from './bus.ts';
import { FactFollower } from './fact-follower.ts';
import { Publisher } from './publisher.ts';
import { startRegion, type ThrowawayNats } from './testing/region.ts';

const decided = subjects.fact('local', 'g', 'dispatch.decided');
const settled = subjects.fact('local', 'l', 'dispatch.settled');
const refused = subjects.fact('local', 'g', 'delivery.refused');
const other = subjects.fact('local', 'g', 'event.accepted');

describe('following facts of one kind', () => {
  let nats: ThrowawayNats;
  let bus: Bus;
  let publisher: Publisher;
  let follower: FactFollower | undefined;
  let seen: string[];
  let count = 0;

  const put = (subject: string, body: string): Promise<unknown> => publisher.publish({ subject, body, msgId: `m${(count += 1)}` });
  const follow = (sinceMs = 0, filter: string | string[] = subjects.dispatchFacts): FactFollower => {
    const visit = ({ body }: { body: Uint8Array }): void => void seen.push(Buffer.from(body).toString('utf8'));
    return (follower = new FactFollower({ bus, region: 'local', hasPeers: false, filter, sinceMs, visit }));
  };

  beforeEach(async () => {
    seen = [];
    nats = await startRegion('local');
    bus = await connectBus({ servers: nats.url, name: 'follower-spec' });
    publisher = new Publisher(bus);
  });
  afterEach(async () => {
    follower?.close();
    publisher.close();
    await bus.close();
    await nats.cleanup();
  });

  it('visits what was there, then what comes, and nothing else, once each', async () => {
    await put(decided, 'one');
    await put(other, 'no');
    const following = follow();
    await following.loaded;
    expect(seen).toEqual(['one']);
    await put(settled, 'two');
    await put(other, 'no');
    await following.catchUp();
    expect(seen).toEqual(['one', 'two']);
    await put(decided, 'three');
    await vi.waitFor(() => expect(seen).toEqual(['one', 'two', 'three']), { timeout: 5_000 });
  });

  it('visits the facts of several kinds', async () => {
    await put(settled, 'one');
    const following = follow(0, [subjects.dispatchFacts, subjects.refusedDeliveries]);
    await following.loaded;
    for (const subject of [other, decided, refused]) {
      await put(subject, subject);
      await following.catchUp();
    }
    expect(seen).toEqual(['one', decided, refused]);
  });

  it('has visited everything that was acked before the call when it has caught up, whatever was being read meanwhile', async () => {
    const following = follow();
    for (let round = 0; round < 20; round += 1) {
      const running = following.catchUp();
      await put(decided, `${round}`);
      await following.catchUp();
      expect(seen.at(-1)).toBe(`${round}`);
      await running;
    }
    expect(seen).toEqual(Array.from({ length: 20 }, (_, round) => `${round}`));
  });

  it('passes over nothing that the leader tells of before the replica that is read has it', async () => {
    await put(decided, 'one');
    const { streams } = bus.jsm;
    const info = streams.info.bind(streams);
    const ahead = vi.spyOn(streams, 'info').mockImplementation(async (name, options) => {
      const told = await info(name, options);
      return { ...told, state: { ...told.state, last_seq: told.state.last_seq + 1 } };
    });
    const following = follow();
    await following.loaded;
    ahead.mockRestore();
    await put(decided, 'two');
    await following.catchUp();
    expect(seen).toEqual(['one', 'two']);
  });

  it('begins at the time that it was given', async () => {
    await put(decided, 'before');
    await sleep(50);
    const sinceMs = Date.now();
    await sleep(50);
    await put(decided, 'after');
    await follow(sinceMs).loaded;
    expect(seen).toEqual(['after']);
  });
});
