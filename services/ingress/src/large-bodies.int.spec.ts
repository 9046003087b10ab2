import { createHash } from 'node:crypto';
import { bodyBuckets, bodyRefSchema, splitRawData } from '@waybill/contracts';
import { openBodies, PEER_HEADERS } from '@waybill/bodies';
import { testLogger } from '@waybill/testkit';
import { scanStream } from '@waybill/transport';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Reply, SECRET } from './testing/ingress-under-test.ts';
import { signed } from './testing/signed.ts';
import { EU, startTwoRegions, type TwoRegions, US } from './testing/two-regions.ts';

const MIB = 1_048_576;
const SHARED_KEY = 'a-key-that-all-regions-share';
const headSchema = z.object({ eventId: z.string(), region: z.string(), eventType: z.string(), bodyRef: bodyRefSchema.optional() });

/** JSON that would not survive being parsed and written again. */
const jsonOf = (bytes: number): string => `{"type":"order.paid","n":1.0,"big":12345678901234567890,  "text":"${'é'.repeat(bytes / 2)}"}`;

let both: TwoRegions;
beforeAll(async () => {
  both = await startTwoRegions({ MAX_BODY_BYTES: String(25 * MIB), REGION_SHARED_KEY: SHARED_KEY });
  const verification = { kind: 'standard-webhooks', secret: SECRET };
  await both.us('PUT', '/v1/tenants/acme', {});
  await both.us('POST', '/v1/sources', { id: 'shop', tenantId: 'acme', verification });
  await both.us('PUT', '/v1/tenants/kept', { placement: { home: US, residency: 'strict' } });
});
afterAll(() => both.cleanup());

const post = async (path: string, body: string): Promise<Reply> =>
  both.us('POST', path, body, path.startsWith('/webhooks') ? signed(body) : {});

/** An event as the LOG of us has it. */
async function stored(eventId: unknown) {
  const bus = await both.bus(US, 'ingress');
  let found: { head: z.infer<typeof headSchema>; data: string } | undefined;
  await scanStream(bus, { stream: 'LOG_US_CENTRAL1', subjects: ['wb.*.*.event.accepted'] }, ({ body }) => {
    const { head, data } = splitRawData(body);
    const parsed = headSchema.parse(head);
    if (parsed.eventId === eventId) found = { head: parsed, data: data.toString() };
  });
  if (found?.head.bodyRef === undefined) throw new Error('there is no such event with a reference');
  return { ...found, bodyRef: found.head.bodyRef };
}

const bodiesIn = async (region: typeof US | typeof EU, key: string | undefined) =>
  openBodies({
    bus: await both.bus(region, 'ingress'),
    region,
    peers: [US, EU].filter((id) => id !== region),
    key,
    urlOf: (id) => (id === US || id === EU ? both.url(id) : undefined),
    maxBytesInMemory: 100 * MIB,
    logger: testLogger(),
    nowMs: () => Date.now(),
  });

describe('a payload of 20 MiB', () => {
  it('is stored byte by byte beside its event, and given to a region that proves that it is one', async () => {
    const text = jsonOf(20 * MIB);
    const { status, body } = await post('/webhooks/shop', text);
    expect([status, body['duplicate']]).toEqual([202, false]);
    const { head, data, bodyRef } = await stored(body['id']);
    expect(data).toBe('null');
    expect(head.eventType).toBe('order.paid');
    expect(bodyRef).toEqual({ sha256: createHash('sha256').update(text).digest('hex'), bytes: Buffer.byteLength(text), region: US });
    const here = await (await bodiesIn(US, undefined)).hold(bodyRef, 'g');
    expect(here.kind === 'held' && here.body.toString() === text).toBe(true);
    const there = await (await bodiesIn(EU, SHARED_KEY)).hold(bodyRef, 'g');
    expect(there.kind === 'held' && there.body.toString() === text).toBe(true);
    expect(await (await bodiesIn(EU, 'another-key-than-the-others')).hold(bodyRef, 'g')).toMatchObject({ kind: 'away' });
    expect(await (await bodiesIn(EU, undefined)).hold(bodyRef, 'g')).toMatchObject({ kind: 'away' });
    expect(await (await bodiesIn(EU, SHARED_KEY)).hold({ ...bodyRef, sha256: 'a'.repeat(64) }, 'g')).toMatchObject({ kind: 'lost' });
  });

  it('comes through the API as the bytes of its member, in an event that is the same when it is sent again', async () => {
    const data = jsonOf(2 * MIB);
    const event = `{"eventType":"order.paid", "data": ${data} }`;
    const send = () => both.us('POST', '/v1/tenants/acme/events', event, { 'idempotency-key': 'once' });
    const [first, again] = [await send(), await send()];
    expect(again.body).toEqual({ id: first.body['id'], duplicate: true });
    const { bodyRef } = await stored(first.body['id']);
    expect(bodyRef.sha256).toBe(createHash('sha256').update(data).digest('hex'));
  });

  it('of a strict tenant is given to nobody', async () => {
    const { body } = await post('/v1/tenants/kept/events', `{"eventType":"order.paid","data":${jsonOf(MIB)}}`);
    const { bodyRef } = await stored(body['id']);
    expect(await (await bodiesIn(US, undefined)).hold(bodyRef, 'l')).toMatchObject({ kind: 'held' });
    expect(await (await bodiesIn(EU, SHARED_KEY)).hold(bodyRef, 'g')).toMatchObject({ kind: 'lost' });
  });

  it.each([
    ['{"a":1,"a":2,"text":"', '"}', 'WB_DUPLICATE_KEY'],
    ['{"text":"', '"', 'WB_MALFORMED_JSON'],
    [`${'['.repeat(65)}"`, `"${']'.repeat(65)}`, 'WB_JSON_TOO_DEEP'],
  ])('that begins with %s is refused, and nothing is stored', async (start, end, code) => {
    const stream = bodyBuckets(US).own.stream;
    const provisioner = await both.bus(US, 'provisioner');
    const before = (await provisioner.jsm.streams.info(stream)).state.last_seq;
    const refused = await post('/webhooks/shop', `${start}${'x'.repeat(5 * MIB)}${end}`);
    expect(refused.body['code']).toBe(code);
    expect(refused.status).toBe(400);
    expect((await provisioner.jsm.streams.info(stream)).state.last_seq).toBe(before);
  });

  it('that is larger than all is refused', async () => {
    expect((await post('/webhooks/shop', jsonOf(25 * MIB))).body['code']).toBe('WB_BODY_TOO_LARGE');
  });

  it('is no secret whose absence anybody may ask for', async () => {
    const path = `/internal/bodies/${'a'.repeat(64)}`;
    const answer = await fetch(both.url(US) + path, { headers: { [PEER_HEADERS.region]: EU, [PEER_HEADERS.signature]: 'x' } });
    expect([answer.status, answer.headers.get(PEER_HEADERS.body)]).toEqual([401, null]);
  });
});
