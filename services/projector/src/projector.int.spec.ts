import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, startNats, type TestNats, testLogger } from '@waybill/testkit';
import { type Bus, connectBus, Publisher } from '@waybill/transport';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectorConfigSchema } from './config.ts';
import { startProjector } from './start-projector.ts';
import { SampleLog, sampleEventId } from './testing/sample-facts.ts';

const REGION = 'local';
let nats: TestNats;
let bus: Bus;
let folder: string;

beforeAll(async () => {
  nats = await startNats({ region: REGION });
  bus = await connectBus({ servers: nats.url, name: 'spec' });
  folder = await mkdtemp(join(tmpdir(), 'waybill-projector-'));
});
afterAll(async () => {
  await bus.close();
  await nats.cleanup();
  await rm(folder, { recursive: true, force: true });
});

async function publish(log: SampleLog, from = 0): Promise<void> {
  const publisher = new Publisher(bus);
  for (const [index, { subject, body }] of log.messages.slice(from).entries()) await publisher.publish({ subject, body, msgId: `m${from + index}` });
  publisher.close();
}

const config = () => projectorConfigSchema.parse({ REGION, NATS_URL: nats.url, DATA_DIR: folder });

describe('the projector against a real nats-server', () => {
  it('folds the LOG and answers the whole story of an event', async () => {
    const log = new SampleLog(REGION);
    log.accepted(1, 'acme', { amount: 1 });
    log.planned(1, ['ep_a', 'ep_b']);
    log.attempted(1, 'ep_a', 1, { kind: 'delivered' });
    log.attempted(1, 'ep_b', 1, { kind: 'retry', at: '2026-01-01T00:01:00.000Z' });
    await publish(log);
    const running = await startProjector({ config: config(), logger: testLogger(), onCrash: () => undefined });
    try {
      const ask = async (): Promise<Response> => fetch(`${running.url}/v1/events/${sampleEventId(1)}`);
      await eventually(async () => (await ask()).status === 200);
      await eventually(async () => (await (await ask()).text()).includes('"retrying"'));
      const story: unknown = await (await ask()).json();
      expect(story).toMatchObject({ state: 'planned', deliveryCount: 2, payload: 'present', data: { amount: 1 } });
    } finally {
      await running.close();
    }
  });
});
