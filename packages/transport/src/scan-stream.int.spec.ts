import { subjects } from '@waybill/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bus, connectBus } from './bus.ts';
import { Publisher } from './publisher.ts';
import { scanStream, type ScanOptions } from './scan-stream.ts';
import { startRegion, type ThrowawayNats } from './testing/region.ts';

const accepted = subjects.fact('local', 'g', 'event.accepted');
const attempted = subjects.fact('local', 'g', 'delivery.attempted');
const COUNT = 2_500;

describe('scanning a stream', () => {
  let nats: ThrowawayNats;
  let bus: Bus;

  const scanned = async (options: Omit<ScanOptions, 'stream'>): Promise<number[]> => {
    const seen: number[] = [];
    await scanStream(bus, { stream: 'LOG_LOCAL', ...options }, ({ seq }) => void seen.push(seq));
    return seen;
  };
  const consumers = async (): Promise<number> => (await bus.jsm.streams.info('LOG_LOCAL')).state.consumer_count;

  beforeAll(async () => {
    nats = await startRegion('local');
    bus = await connectBus({ servers: nats.url, name: 'scan-spec' });
    const publisher = new Publisher(bus);
    // Every tenth fact is an attempt; the last 100 are none.
    const subjectOf = (seq: number): string => (seq % 10 === 0 && seq <= COUNT - 100 ? attempted : accepted);
    for (let seq = 1; seq <= COUNT; seq += 1) await publisher.publish({ subject: subjectOf(seq), body: '{}', msgId: `${seq}` });
    publisher.close();
  });
  afterAll(async () => {
    await bus.close();
    await nats.cleanup();
  });

  const range = (from: number, to: number, step = 1): number[] =>
    Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);

  it.each([
    ['all', { subjects: ['wb.local.>'] }, range(1, COUNT)],
    ['from a sequence to the end', { subjects: ['wb.local.>'], fromSeq: 1_001 }, range(1_001, COUNT)],
    ['a chunk', { subjects: ['wb.local.>'], fromSeq: 1_001, toSeq: 2_100 }, range(1_001, 2_100)],
    ['a chunk that ends between matches', { subjects: [attempted], fromSeq: 5, toSeq: 1_234 }, range(10, 1_230, 10)],
    ['a chunk beyond the last match', { subjects: [attempted], fromSeq: COUNT - 50, toSeq: COUNT }, []],
    ['a chunk before the first match', { subjects: [attempted], toSeq: 9 }, []],
    ['no more than asked for', { subjects: [attempted], fromSeq: 11, most: 3 }, [20, 30, 40]],
    ['an empty chunk', { subjects: ['wb.local.>'], fromSeq: 10, toSeq: 9 }, []],
    ['what nobody ever wrote', { subjects: ['wb.local.g.event.refused'] }, []],
    ['beyond the end', { subjects: ['wb.local.>'], fromSeq: COUNT + 1, toSeq: COUNT + 10 }, []],
  ])('reads %s, and leaves no consumer behind', async (_, options, expected) => {
    const before = await consumers();
    expect(await scanned(options)).toEqual(expected);
    expect(await consumers()).toBe(before);
  });

  it('puts newest-first chunks together to the whole', async () => {
    const seen: number[] = [];
    for (let to = COUNT; to > 0; to -= 700) seen.unshift(...(await scanned({ subjects: ['wb.local.>'], fromSeq: to - 699, toSeq: to })));
    expect(seen).toEqual(range(1, COUNT));
  });

  it('ends when what it had counted was purged meanwhile', async () => {
    const seen: number[] = [];
    let purged: Promise<unknown> | undefined;
    await scanStream(bus, { stream: 'LOG_LOCAL', subjects: ['wb.local.>'] }, ({ seq }) => {
      seen.push(seq);
      purged ??= bus.jsm.streams.purge('LOG_LOCAL');
    });
    await purged;
    expect(seen.length).toBeLessThanOrEqual(COUNT);
  });
});
