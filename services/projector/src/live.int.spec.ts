import { LiveReader } from '@waybill/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Region, REGION } from './testing/running-projector.ts';
import { SampleLog, sampleDeliveryId } from './testing/sample-facts.ts';
import { sampleEndpoint } from './testing/sample-registry.ts';

let region: Region;
const log = new SampleLog(REGION);
let events = 0;
const readers: LiveReader[] = [];

beforeAll(async () => {
  region = await Region.open();
  await publishEvents(3);
  await region.start();
  await region.caughtUp(log.messages.length);
});
afterAll(() => region.close());
afterEach(() => {
  for (const reader of readers.splice(0)) reader.close();
});

async function follow(lastId?: string): Promise<LiveReader> {
  const reader = await region.live(lastId);
  readers.push(reader);
  return reader;
}

/** A follower that knows where it is. */
async function positioned(): Promise<LiveReader> {
  const reader = await follow();
  await reader.until(({ lastId }) => lastId !== '');
  return reader;
}

/** Events that are accepted, planned and delivered; gives their ids. */
async function publishEvents(count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => {
    events += 1;
    log.planned(events, ['ep_a']);
    log.attempted(events, 'ep_a', 1, { kind: 'delivered' });
    return log.accepted(events);
  });
  await region.publish(log);
  return ids;
}

/** Ids of the events that a reader was told of, each once. */
const told = (reader: LiveReader): string[] => {
  const named = JSON.stringify(reader.of('change')).matchAll(/"(evt_[^"]*)"/g);
  return [...new Set([...named].map(([, id = '']) => id))];
};
const isTold = (ids: readonly string[]) => (reader: LiveReader) => ids.every((id) => told(reader).includes(id));

describe('GET /v1/live', () => {
  it('is an event stream that nothing on the way may keep, and begins with where and how the read models are', async () => {
    const reader = await positioned();
    expect(reader.status.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    });
    await reader.until((seen) => seen.of('state').length > 0);
    expect(reader.of('state')).toMatchObject([{ rebuilding: false, problems: [] }]);
    expect(reader.of('change')).toEqual([]);
  });

  it('tells what was stored, once it can be read', async () => {
    const reader = await positioned();
    const [id = ''] = await publishEvents(1);
    await reader.until(isTold([id]));
    expect((await region.get(`/v1/events/${id}`)).body).toMatchObject({ id });
    const frames = JSON.stringify(reader.of('change'));
    expect(frames).toContain(JSON.stringify({ id, tenantId: 'acme', eventType: 'order.paid', state: 'planned' }));
    expect(frames).toContain(sampleDeliveryId(events, 'ep_a'));
    expect(frames).toContain('"state":"delivered"');
  });

  it('tells of jobs, of what operators did, and of the registry', async () => {
    const reader = await positioned();
    await region.bus.js.publish(`wb.${REGION}.l.job.advanced`, JSON.stringify({ v: 1, jobId: 'job_1', done: 3 }));
    log.acted('PUT /v1/tenants/:tenantId');
    await region.publish(log);
    await region.bus.js.publish(`$KV.registry.${REGION}.endpoint.acme.ep_new`, JSON.stringify(sampleEndpoint('ep_new')));
    await reader.until((seen) => {
      const all = JSON.stringify(seen.of('change'));
      return ['"jobs":["job_1"]', '"audit":true', '"registry":true'].every((text) => all.includes(text));
    });
  });
});

describe('coming back', () => {
  it('gives exactly what came after, by header and by query', async () => {
    const reader = await positioned();
    const before = await publishEvents(2);
    await reader.until(isTold(before));
    reader.close();
    const missed = await publishEvents(2);
    await region.caughtUp(log.messages.length);
    const back = await follow(reader.lastId);
    await back.until(isTold(missed));
    expect(told(back)).not.toEqual(expect.arrayContaining(before));
    const url = `${region.url}/v1/live?lastEventId=${encodeURIComponent(reader.lastId)}`;
    const again = await LiveReader.open(url);
    readers.push(again);
    await again.until(isTold(missed));
    expect(again.of('reset')).toEqual([]);
  });

  it('gives it from the streams after a restart, and what came while nothing ran', async () => {
    const reader = await positioned();
    reader.close();
    const stored = await publishEvents(200);
    await region.caughtUp(log.messages.length);
    await region.stop();
    const unseen = await publishEvents(5);
    await region.start();
    const back = await follow(reader.lastId);
    await back.until((seen) => isTold(unseen)(seen) && JSON.stringify(seen.of('change')).includes('"more":true'));
    expect(back.of('reset')).toEqual([]);
    // A frame names fifty rows of a kind, and says that there are more.
    expect(told(back).filter((id) => stored.includes(id)).length).toBeGreaterThanOrEqual(80);
    const next = await publishEvents(1);
    await back.until(isTold(next));
  });

  it.each([
    ['of other streams', '1.0.0.0-ffffffff'],
    ['that is none', 'made-up'],
  ])('resets an id %s', async (_name, lastId) => {
    const reader = await follow(lastId);
    await reader.until((seen) => seen.of('reset').length === 1 && seen.lastId !== '');
    const next = await publishEvents(1);
    await reader.until(isTold(next));
  });

  it('resets an id of what this store does not know', async () => {
    const { lastId } = await positioned();
    const ahead = lastId.replace(/^\d+/, '999999');
    const reader = await follow(ahead);
    await reader.until((seen) => seen.of('reset').length === 1);
  });
});

describe('a rebuild', () => {
  it('resets everybody when what it made is read, and tells them what comes then', async () => {
    const reader = await positioned();
    expect((await region.post('/v1/projections/rebuild')).status).toBe(202);
    await reader.until((seen) => seen.of('reset').length === 1);
    const next = await publishEvents(1);
    await reader.until(isTold(next));
    // This region has no peers: what is behind is known all the same.
    await reader.until((seen) => JSON.stringify(seen.of('state')).includes('"behind":0'));
    reader.close();
    const missed = await publishEvents(1);
    const back = await follow(reader.lastId);
    await back.until(isTold(missed));
    expect(back.of('reset')).toEqual([]);
  });
});

describe('many followers', () => {
  const CLIENTS = 300;
  const CHANGES = 20;

  it('are told all the same, also the one that stalled and came back; a stop waits for none of them', async () => {
    const many = await Promise.all(Array.from({ length: CLIENTS }, positioned));
    const [slow] = many;
    slow?.stall();
    const ids: string[] = [];
    for (let n = 0; n < CHANGES; n += 1) ids.push(...(await publishEvents(1)));
    for (const reader of many.slice(1)) await reader.until(isTold(ids));
    slow?.close();
    const back = await follow(slow?.lastId);
    await back.until(isTold(ids));
    await region.stop();
    for (const reader of many.slice(1)) await reader.until(({ status }) => status.hasEnded);
  });
});
