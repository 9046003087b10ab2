import { CONSUMERS, planHeadSchema, streamNames, subjects } from '@waybill/contracts';
import { startNats, type TestNats } from '@waybill/testkit';
import { type Bus, connectBus, Publisher } from '@waybill/transport';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finishedRun, runBody } from '../testing/finished-run.ts';
import { acceptedBody } from '../testing/planner-in-memory.ts';
import { PlannedInLog, type PlannedInLogOptions } from './planned-before.ts';

const region = 'local';
const { log } = streamNames(region);
const at = '2026-01-01T00:00:00.000Z';

describe('what was planned before a start', () => {
  let nats: TestNats;
  let bus: Bus;
  let publisher: Publisher;

  beforeAll(async () => {
    nats = await startNats({ region });
    bus = await connectBus({ servers: nats.url, name: 'planned-spec' });
    publisher = new Publisher(bus);
  });
  afterAll(async () => {
    publisher.close();
    await bus.close();
    await nats.cleanup();
  });

  const store = async (subject: string, body: Uint8Array | string): Promise<number> =>
    (await publisher.publish({ subject, body, msgId: `${subject} ${Math.random()}` })).seq;
  const accept = (eventId: string): Promise<number> => store(subjects.fact(region, 'g', 'event.accepted'), acceptedBody(eventId, region));
  const finish = (eventId: string): Promise<number> =>
    store(subjects.fact(region, 'g', 'run.completed'), runBody(eventId, region, finishedRun('1')));
  const plan = (acceptedSeq: number, eventType: string): Promise<number> => {
    const event = { eventId: `evt_${acceptedSeq}`, eventType, tenantId: 'acme', source: 'api', region, timestamp: at, correlationId: 'c' };
    const head = planHeadSchema.parse({ v: 1, event, region, acceptedSeq, registryRevision: 0, deliveries: [], at });
    return store(subjects.plan(region, 'g', region), `${JSON.stringify(head).slice(0, -1)},"data":{}}`);
  };
  const settleAll = async (durable: string): Promise<void> => {
    const consumer = await bus.js.consumers.get(log, durable);
    for (let left = (await consumer.info()).num_pending; left > 0; left -= 1) await (await consumer.next())?.ackAck();
  };
  const load = async (): Promise<PlannedInLog> => {
    const nothing = async (): Promise<void> => undefined;
    const planned = new PlannedInLog({ bus, region, expectKeys: nothing, catchUp: nothing, onFailure: () => undefined });
    await planned.load();
    await planned.runsLoaded;
    return planned;
  };

  it('is read from the oldest run on that may come again, for runs; the events behind it are not', async () => {
    const waiting = await finish('evt_run');
    const settled = await accept('evt_settled');
    await plan(settled, 'order.paid');
    await plan(waiting, 'github.workflow_run.completed');
    await settleAll(CONSUMERS.planner);
    const [open, late] = [await accept('evt_open'), await finish('evt_late')];
    await plan(open, 'order.paid');
    await plan(late, 'github.workflow_run.completed');
    const { events } = await load();
    expect([waiting, settled, open, late].map((seq) => events.isWhole(seq))).toEqual([true, false, true, true]);
  });

  it('is nothing when all was settled, however old the floors are', async () => {
    await settleAll(CONSUMERS.planner);
    await settleAll(CONSUMERS.plannerRuns);
    const seq = await accept('evt_later');
    await plan(seq, 'order.paid');
    const planned = await load();
    expect(planned.events.isWhole(seq)).toBe(true);
    expect(planned.events.isWhole(1)).toBe(false);
  });

  it('is known, after a lost connection too, when it is asked which ordering keys wait', async () => {
    const open = await accept('evt_keyed');
    await plan(open, 'order.paid');
    const told: boolean[] = [];
    const expectKeys: PlannedInLogOptions['expectKeys'] = async (planned) => void told.push(planned.isWhole(open));
    const planned = new PlannedInLog({ bus, region, expectKeys, catchUp: async () => undefined, onFailure: () => undefined });
    await planned.load();
    await planned.reload();
    expect(told).toEqual([true, true]);
  });
});
