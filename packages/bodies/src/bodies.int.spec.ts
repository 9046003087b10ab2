import { randomBytes } from 'node:crypto';
import { Objm } from '@nats-io/obj';
import { bodyBuckets, type BodyRef } from '@waybill/contracts';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AskPeer } from './peer-bodies.ts';
import { startStore, type Store } from './testing/store.ts';

const DAY_MS = 86_400_000;
const MIB = 1_048_576;

describe('large payloads', () => {
  let store: Store;
  beforeAll(async () => {
    store = await startStore({ us: {}, eu: { bodyCopiesMaxBytes: 6 * MIB } });
  });
  afterAll(() => store.cleanup());

  const bytesIn = async (region: string, bucket: 'own' | 'copies' = 'own'): Promise<number> =>
    (await store.bus.jsm.streams.info(bodyBuckets(region)[bucket].stream)).state.bytes;
  /** Spoils the parts of all objects of a region. */
  const spoil = async (region: string, bytes = 1): Promise<void> => {
    const { stream, bucket } = bodyBuckets(region).own;
    const { state } = await store.bus.jsm.streams.info(stream, { subjects_filter: `$O.${bucket}.C.*` });
    for (const subject of Object.keys(state.subjects ?? {}))
      await store.publisher.publish({
        subject,
        body: 'x'.repeat(bytes),
        msgId: `spoil:${subject}:${bytes}`,
        headers: { 'Nats-Rollup': 'sub' },
      });
  };
  const holdOf = async (region: string, ref: BodyRef, askPeer?: AskPeer) =>
    store.bodies(region, askPeer === undefined ? {} : { askPeer }).hold(ref, 'g');

  it('come back byte by byte, and any client of the object store can read them', async () => {
    const body = randomBytes(20 * MIB + 1);
    const us = store.bodies('us');
    const ref = await us.keep(body, 'g');
    expect(ref).toMatchObject({ bytes: body.length, region: 'us' });
    const held = await us.hold(ref, 'g');
    expect(held.kind === 'held' && held.body.equals(body)).toBe(true);
    const objects = await new Objm(store.bus.nc).open(bodyBuckets('us').own.bucket);
    expect(Buffer.from((await objects.getBlob(ref.sha256)) ?? []).equals(body)).toBe(true);
  });

  it('are stored once, and anew when they are sent again after a day, in the place of the old one', async () => {
    const body = randomBytes(MIB);
    const ref = await store.bodies('us').keep(body, 'g');
    const before = await bytesIn('us');
    await store.bodies('us').keep(body, 'g');
    expect(await bytesIn('us')).toBe(before);
    const { state } = await store.bus.jsm.streams.info(bodyBuckets('us').own.stream);
    await store.bodies('us', { nowMs: () => Date.now() + DAY_MS }).keep(body, 'g');
    const after = await store.bus.jsm.streams.info(bodyBuckets('us').own.stream);
    expect(after.state.last_seq).toBeGreaterThan(state.last_seq);
    expect(after.state.bytes - before).toBeLessThan(MIB / 10);
    expect(await holdOf('us', ref)).toMatchObject({ kind: 'held' });
  });

  it('are stored anew too when a delivery or another region needs them after a day', async () => {
    const ref = await store.bodies('us').keep(randomBytes(MIB), 'g');
    const lastSeq = async () => (await store.bus.jsm.streams.info(bodyBuckets('us').own.stream)).state.last_seq;
    const later = store.bodies('us', { nowMs: () => Date.now() + DAY_MS });
    const first = await lastSeq();
    expect(await later.hold(ref, 'g')).toMatchObject({ kind: 'held' });
    const second = await lastSeq();
    expect(second).toBeGreaterThan(first);
    expect(await later.give(ref.sha256)).toMatchObject({ kind: 'held' });
    expect(await lastSeq()).toBeGreaterThan(second);
    const third = await lastSeq();
    await holdOf('us', ref);
    expect(await lastSeq()).toBe(third);
  });

  it('that are damaged are lost for certain when nobody else has them, and stored anew by who sends them again', async () => {
    const body = randomBytes(MIB);
    const ref = await store.bodies('us').keep(body, 'g');
    await spoil('us');
    expect(await holdOf('us', ref)).toMatchObject({ kind: 'lost' });
    await store.bodies('us').keep(body, 'g');
    expect(await holdOf('us', ref)).toMatchObject({ kind: 'held' });
  });

  it('of the right length with other bytes are damaged too', async () => {
    const ref = await store.bodies('us').keep(randomBytes(1_000), 'g');
    await spoil('us', 1_000);
    expect(await holdOf('us', ref)).toMatchObject({ kind: 'lost' });
    expect(await store.bodies('us').give(ref.sha256)).toBeUndefined();
  });

  it('that are damaged are made whole from another region', async () => {
    const body = randomBytes(MIB);
    const ref = await store.bodies('us').keep(body, 'g');
    await spoil('us');
    expect(await holdOf('us', ref, async () => ({ kind: 'present', body }))).toMatchObject({ kind: 'held' });
    expect(await holdOf('us', ref)).toMatchObject({ kind: 'held' });
  });

  it('are fetched once by all who want them at once, kept, and given on', async () => {
    const body = randomBytes(MIB);
    const ref = await store.bodies('us').keep(body, 'g');
    const askPeer = vi.fn<AskPeer>(async () => ({
      kind: 'present',
      body: (await store.bodies('us').give(ref.sha256))?.body ?? Buffer.of(),
    }));
    const eu = store.bodies('eu', { askPeer });
    const held = await Promise.all(Array.from({ length: 20 }, () => eu.hold(ref, 'g')));
    for (const one of held) expect(one.kind === 'held' && one.body.equals(body)).toBe(true);
    for (const one of held) if (one.kind === 'held') one.release();
    expect(await holdOf('eu', ref)).toMatchObject({ kind: 'held' });
    expect(askPeer).toHaveBeenCalledTimes(1);
    expect((await store.bodies('eu').give(ref.sha256))?.body.equals(body)).toBe(true);
  });

  it('of other regions make room for newer ones, the oldest first, and are fetched again', async () => {
    const bodies = Array.from({ length: 5 }, () => randomBytes(2 * MIB));
    const refs = await Promise.all(bodies.map((body) => store.bodies('us').keep(body, 'g')));
    const askPeer = vi.fn<AskPeer>(async (_, { sha256 }) => {
      const given = await store.bodies('us').give(sha256);
      return given === undefined ? { kind: 'absent' } : { kind: 'present', body: given.body };
    });
    for (const ref of refs) expect(await holdOf('eu', ref, askPeer)).toMatchObject({ kind: 'held' });
    expect(await bytesIn('eu', 'copies')).toBeLessThanOrEqual(6 * MIB);
    const [oldest, newest] = [refs[0], refs[4]];
    if (oldest === undefined || newest === undefined) throw new Error('no refs');
    expect(await holdOf('eu', newest)).toMatchObject({ kind: 'held' });
    expect(await holdOf('eu', oldest)).toMatchObject({ kind: 'lost' });
    expect(await holdOf('eu', oldest, askPeer)).toMatchObject({ kind: 'held' });
  });

  it('are asked of every region, waited for while one cannot answer, and lost when all say no', async () => {
    const ref = { sha256: 'a'.repeat(64), bytes: 10, region: 'us' };
    const asked: string[] = [];
    const eu = store.bodies('eu', {
      peers: ['us', 'ap'],
      askPeer: async (region) => {
        asked.push(region);
        return region === 'us' ? { kind: 'away', detail: 'us does not answer' } : { kind: 'absent' };
      },
    });
    expect(await eu.hold(ref, 'g')).toEqual({ kind: 'away', detail: 'us does not answer' });
    expect(asked).toEqual(['us', 'ap']);
    expect(eu.remark).toBe('waits for 1 large payloads: us does not answer');
    expect(await holdOf('eu', ref)).toMatchObject({ kind: 'lost' });
  });

  it('of strict tenants are given to nobody, and asked of nobody', async () => {
    const body = randomBytes(1_000);
    const us = store.bodies('us');
    const ref = await us.keep(body, 'l');
    expect(await us.give(ref.sha256)).toBeUndefined();
    expect(await us.hold(ref, 'l')).toMatchObject({ kind: 'held' });
    const askPeer = vi.fn<AskPeer>();
    expect(await store.bodies('us', { askPeer }).hold({ ...ref, sha256: 'b'.repeat(64) }, 'l')).toMatchObject({ kind: 'lost' });
    expect(askPeer).not.toHaveBeenCalled();
  });

  it('wait for their turn when memory is full, and one payload that many hold counts once', async () => {
    const us = store.bodies('us', { maxBytesInMemory: 1_500 });
    const [one, other] = [await us.keep(randomBytes(1_000), 'g'), await us.keep(randomBytes(1_000), 'g')];
    const first = await us.hold(one, 'g');
    const again = await us.hold(one, 'g');
    const second = us.hold(other, 'g');
    await vi.waitFor(() => expect(us.waiting).toBe(1), { timeout: 30_000 });
    if (first.kind === 'held') first.release();
    expect(us.waiting).toBe(1);
    if (again.kind === 'held') again.release();
    expect(await second).toMatchObject({ kind: 'held' });
  });

  it('that do not fit into the store are refused as the log is when it is full', async () => {
    const small = await startStore({ us: { bodyMaxBytes: 1_572_864 } });
    try {
      const refused = { code: 'WB_LOG_FULL', message: expect.stringContaining('BODY_STORE_MAX_BYTES') };
      await expect(small.bodies('us').keep(randomBytes(2 * MIB), 'g')).rejects.toMatchObject(refused);
      const fits = randomBytes(300_000);
      await small.bodies('us').keep(fits, 'g');
    } finally {
      await small.cleanup();
    }
  });

  it('cannot be asked for while NATS is away: that is no word about them', async () => {
    await expect(
      store.bodies('nowhere', { peers: [] }).hold({ sha256: 'c'.repeat(64), bytes: 1, region: 'nowhere' }, 'g'),
    ).rejects.toMatchObject({
      code: 'WB_NATS_AWAY',
    });
  });
});
