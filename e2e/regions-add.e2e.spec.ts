import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { answerStatus, eventually, type Receiver, startReceiver } from '@waybill/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { callApi, type Cli, LocalStack } from './stack.fixture.ts';

const created = z.object({ id: z.string() });
const [US, EU, AP] = ['us-central1', 'europe-west1', 'ap1'] as const;
const STORY_BUDGET_MS = 60_000;

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** Sends one event after the other until it is told to stop; what was not accepted is sent again with the same key. */
class Sender {
  readonly accepted: string[] = [];
  readonly #send: (key: string) => Promise<string | undefined>;
  readonly #running: Promise<void>;
  #isOver = false;

  constructor(tryToSend: (key: string) => Promise<string | undefined>) {
    this.#send = tryToSend;
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let index = 0; !this.#isOver; index += 1) {
      let id = await this.#send(`key-${index}`);
      while (id === undefined) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        id = await this.#send(`key-${index}`);
      }
      this.accepted.push(id);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

let stack: LocalStack;
let receiver: Receiver;

const urlOf = async (region: string): Promise<string> => (await stack.state()).regions.find(({ id }) => id === region)?.url ?? '';
const at = async (region: string, method: string, path: string, body?: unknown): ReturnType<typeof callApi> =>
  callApi(await urlOf(region), (await stack.state()).adminKey, { method, path, body });
const knows = (region: string, event: string): Promise<boolean> =>
  at(region, 'GET', `/v1/events/${event}`).then(
    ({ status }) => status === 200,
    () => false,
  );
const received = (event: string): number => receiver.requests.filter(({ headers }) => headers['webhook-id'] === event).length;
const allPids = async (): Promise<number[]> => {
  const { regions, hub } = await stack.state();
  return [...regions.flatMap(({ pids }) => Object.values(pids)), ...hub.pids];
};

async function register(): Promise<void> {
  await at(US, 'PUT', '/v1/tenants/acme', { name: 'Acme' });
  await at(US, 'POST', '/v1/tenants/acme/endpoints', { id: 'ep', url: `${receiver.url}/hooks` });
}

/** Sends one event to the first region; undefined when it was not accepted, whatever the reason. */
async function send(key: string): Promise<string | undefined> {
  const { adminKey, regions } = await stack.state();
  const headers = { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json', 'idempotency-key': key };
  const body = JSON.stringify({ eventType: 'order.paid', data: { key } });
  const answer = await fetch(`${regions[0]?.url}/v1/tenants/acme/events`, { method: 'POST', headers, body }).catch(() => undefined);
  return answer?.status === 202 ? created.parse(await answer.json()).id : undefined;
}

/** Checks that a third region joins a stack that runs, while events come in. */
async function addUnderLoad(): Promise<void> {
  const sender = new Sender(send);
  await eventually(() => sender.accepted.length > 20, STORY_BUDGET_MS);
  const [before = ''] = sender.accepted;

  const added = await stack.cli('regions', 'add', AP);
  expect(added.stderr).toContain('ap1 has joined');
  expect(added.code).toBe(0);
  await sender.stop();

  expect((await stack.state()).regions.map(({ id }) => id)).toEqual([US, EU, AP]);
  await eventually(() => knows(AP, before), STORY_BUDGET_MS);
  await eventually(() => sender.accepted.every((id) => received(id) > 0), STORY_BUDGET_MS);
  expect(sender.accepted.filter((id) => received(id) > 1)).toEqual([]);
  const last = sender.accepted.at(-1) ?? '';
  for (const region of [US, EU, AP]) await eventually(() => knows(region, last), STORY_BUDGET_MS);
}

beforeEach(async () => {
  receiver = await startReceiver();
  stack = await LocalStack.create();
});
afterEach(async () => {
  await stack.destroy();
  await receiver.close();
});

describe('a stack of one region', () => {
  it(
    'says why nothing can join it, becomes one of two with all it has, and of three without losing anything meanwhile',
    { timeout: 300_000 },
    async () => {
      const alone = new LocalStack(stack.dataDir, stack.port, { REGION: US });
      expect((await alone.up()).code).toBe(0);
      await register();
      const event = (await send('alone')) ?? '';
      await eventually(() => received(event) === 1, STORY_BUDGET_MS);
      const refused = await stack.cli('regions', 'add', EU);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toMatch(/this stack has one region: .*\n.*npm start -- --regions us-central1,europe-west1/);
      // Longer than stopping takes: the second attempt is to be made by the processes that come after.
      receiver.answerWith(answerStatus(503, { 'retry-after': '15' }));
      const pending = (await send('pending')) ?? '';
      await eventually(
        async () => JSON.stringify((await at(US, 'GET', `/v1/events/${pending}`)).body).includes('"retrying"'),
        STORY_BUDGET_MS,
      );
      await stack.down();
      expect(received(pending)).toBe(1);
      receiver.answerWith(answerStatus(204));

      const again = await stack.cli('up', '--detach', '--port', String(stack.port), '--regions', `${US},${EU}`);
      expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('npx waybill stop --data')]);
      for (const region of [US, EU]) await eventually(() => knows(region, event), STORY_BUDGET_MS);
      await eventually(async () => (await at(EU, 'GET', '/v1/tenants/acme')).status === 200, STORY_BUDGET_MS);
      await eventually(() => received(pending) === 2, STORY_BUDGET_MS);
      expect(received(event)).toBe(1);

      await addUnderLoad();

      // It is a region like the others: what it accepts is known to them.
      const { body } = await at(AP, 'POST', '/v1/tenants/acme/events', { eventType: 'order.paid', data: {} });
      const own = created.parse(body).id;
      await eventually(() => received(own) === 1, STORY_BUDGET_MS);
      await eventually(() => knows(EU, own), STORY_BUDGET_MS);

      const doctor = await stack.cli('doctor');
      expect(doctor.stdout.match(/^WRONG .*$/gm) ?? []).toEqual([]);
      const pids = await allPids();
      expect((await stack.cli('regions', 'add', AP)).code).toBe(0);
      expect(await allPids()).toEqual(pids);
      expect(pids).toHaveLength(3 * 5 + 3);
      await stack.down();
      expect(pids.filter(isAlive)).toEqual([]);
    },
  );
});

describe('adding a region to a running stack', () => {
  it('is finished by the next start when everything dies in the middle', async () => {
    expect((await stack.up()).code).toBe(0);
    await register();
    const event = await send('once');
    await eventually(() => received(event ?? '') > 0, STORY_BUDGET_MS);
    const adding = stack.cli('regions', 'add', AP);
    const progress = join(stack.dataDir, 'regions.progress.json');
    await eventually(async () => (await readFile(progress, 'utf8').catch(() => '')).includes('started and linked'), STORY_BUDGET_MS);
    process.kill((await stack.state()).pid, 'SIGKILL');
    const told: Cli = await adding;
    expect(told.code).toBe(1);
    expect(told.stderr).toMatch(/the stack ended meanwhile; start it again .* run the same command again/);

    expect((await stack.up()).code).toBe(0);
    expect((await stack.state()).regions.map(({ id }) => id)).toEqual([US, EU, AP]);
    await eventually(() => knows(AP, event ?? ''), STORY_BUDGET_MS);
    expect((await stack.cli('regions', 'add', AP)).code).toBe(0);
    expect(received(event ?? '')).toBe(1);
  });
});
