import { eventually, type Receiver, startReceiver } from '@waybill/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { OldVariablesStack } from './old-variables.fixture.ts';

/** What the deployment speaks before the upgrade, and after it. */
const BEFORE = { EVENT_SCHEMA_VERSION: '2', EVENT_SCHEMA_MIN_COMPATIBLE: '1' };
const AFTER = { EVENT_SCHEMA_VERSION: '3', EVENT_SCHEMA_MIN_COMPATIBLE: '2' };

const accepted = z.object({ id: z.string() });
const eventView = z.object({ state: z.string(), verdict: z.string().nullable() });
const deadLetters = z.object({ data: z.array(z.object({ id: z.string(), eventId: z.string(), reason: z.string() })) });
const job = z.object({
  id: z.string(),
  state: z.string(),
  plan: z.object({ deliveries: z.number(), skipped: z.record(z.string(), z.number()) }).nullable(),
});

describe('an upgrade from events of version 2 to version 3, service by service', () => {
  let stack: OldVariablesStack;
  let receiver: Receiver;
  let newDoor: string;
  const tooNew: string[] = [];
  let tooOld: string;

  beforeAll(async () => {
    receiver = await startReceiver();
    stack = await OldVariablesStack.create(BEFORE);
    await stack.up();
    await stack.request('PUT', '/v1/tenants/acme', { name: 'Acme' });
    await stack.request('POST', '/v1/tenants/acme/endpoints', { url: `${receiver.url}/hooks`, eventTypes: ['order.*'] });
  });
  afterAll(async () => {
    await stack.destroy();
    await receiver.close();
  });

  const send = async (door: string, event: object = {}): Promise<string> => {
    const body = { eventType: 'order.paid', data: { total: 1 }, ...event };
    const answer = await stack.requestAt(door, 'POST', '/v1/tenants/acme/events', body);
    expect(answer.status).toBe(202);
    return accepted.parse(answer.body).id;
  };
  const arrivals = (id: string): number => receiver.requests.filter(({ headers }) => headers['webhook-id'] === id).length;
  const show = async (id: string): Promise<z.output<typeof eventView>> => {
    const answer = await stack.requestAt(newDoor, 'GET', `/v1/events/${id}`);
    return answer.status === 200 ? eventView.parse(answer.body) : { state: 'not shown yet', verdict: null };
  };
  const buried = async (reason: string): Promise<string[]> => {
    const answer = await stack.requestAt(newDoor, 'GET', `/v1/dead-letters?reason=${reason}`);
    return deadLetters.parse(answer.body).data.map(({ eventId }) => eventId);
  };
  const redrive = async (reason: string): Promise<z.output<typeof job>> => {
    const made = await stack.requestAt(newDoor, 'POST', '/v1/dead-letters/redrive', {
      filter: { reason },
      reason: 'upgraded',
      start: true,
    });
    expect(made.status, JSON.stringify(made.body)).toBe(201);
    const path = `/v1/jobs/${job.parse(made.body).id}`;
    const look = async () => job.parse((await stack.requestAt(newDoor, 'GET', path)).body);
    await eventually(
      async () => (await look()).state === 'done',
      30_000,
      () => 'the job is not done',
    );
    return look();
  };

  it('begins with everything old, which reads events of version 1 and 2', async () => {
    const ids = await Promise.all([send(await stack.url()), send(await stack.url(), { version: 1, minCompatible: 1 })]);
    await eventually(() => ids.every((id) => arrivals(id) === 1));
  });

  it('has a new door beside the old one: what old readers may read is delivered, what they may not is set aside, not dropped', async () => {
    newDoor = await stack.startBeside('ingress', AFTER);
    const readable = await send(newDoor);
    tooNew.push(await send(newDoor, { version: 3, minCompatible: 3 }));
    await eventually(() => arrivals(readable) === 1);
    await eventually(async () => (await show(tooNew[0] ?? '')).verdict === 'reader_too_old', 30_000);
    expect(arrivals(tooNew[0] ?? '')).toBe(0);
  });

  it('has an old and a new planner side by side that share the work: each event is planned by one of them, and arrives once', async () => {
    await stack.startBeside('planner', AFTER);
    const doors = [await stack.url(), newDoor];
    const ids = await Promise.all(Array.from({ length: 40 }, (_, n) => send(doors[n % 2] ?? newDoor)));
    await eventually(() => ids.every((id) => arrivals(id) > 0), 30_000);
    expect(ids.map(arrivals)).toEqual(ids.map(() => 1));
  });

  it('ends with everything new, which drops version 1 with its verdict', async () => {
    await stack.startBeside('dispatcher', AFTER);
    for (const name of ['ingress', 'planner', 'dispatcher'] as const) await stack.stopFirst(name);
    const readable = await send(newDoor, { version: 3, minCompatible: 3 });
    tooOld = await send(newDoor, { version: 1, minCompatible: 1 });
    await eventually(() => arrivals(readable) === 1, 30_000);
    await eventually(async () => (await show(tooOld)).verdict === 'drop_incompatible', 30_000);
    expect(await buried('reader_too_old')).toEqual(tooNew);
    expect(await buried('drop_incompatible')).toEqual([tooOld]);
  });

  it('redrives what the old readers could not read, and only that can be read', async () => {
    expect(await redrive('reader_too_old')).toMatchObject({ plan: { deliveries: 1 } });
    await eventually(() => tooNew.every((id) => arrivals(id) === 1), 30_000);
    await eventually(async () => (await buried('reader_too_old')).length === 0, 30_000);
    expect((await show(tooNew[0] ?? '')).state).toBe('planned');
    expect(await redrive('drop_incompatible')).toMatchObject({ plan: { deliveries: 0, skipped: { drop_incompatible: 1 } } });
    expect(arrivals(tooOld)).toBe(0);
  });
});
