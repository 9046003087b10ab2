import { createServer } from 'node:net';
import type { GithubFake } from '@waybill/github-fake';
import { eventually } from '@waybill/testkit';
import { type Bus, connectBus } from '@waybill/transport';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { githubEnv, hookHeaders, REPOSITORY, startGithub, storedRuns, sweptFactsIn } from './testing/github-world.ts';
import { type IngressUnderTest, type Reply, startUnderTest } from './testing/ingress-under-test.ts';

const SLOW = { timeout: 40_000, interval: 100 };

let github: GithubFake;
let ingress: IngressUnderTest | undefined;
let bus: Bus;
let lines: string[];
let port: string;

beforeEach(async () => {
  lines = [];
  vi.stubEnv('TEST_LOG_LEVEL', 'trace');
  // The logger writes where it sees that somebody listens.
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => lines.push(String(chunk)) > 0);
  port = await freePort();
  github = await startGithub();
  github.hookUrl = `http://127.0.0.1:${port}/webhooks/github`;
});
afterEach(async () => {
  await bus.close();
  await ingress?.cleanup();
  ingress = undefined;
  await github.close();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** GitHub has one address of the App, whichever process listens there. */
async function freePort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => void server.close(resolve));
  return typeof address === 'object' && address !== null ? String(address.port) : '0';
}

async function start(env: Record<string, string> = {}): Promise<IngressUnderTest> {
  ingress = await startUnderTest({ ...githubEnv(github), PORT: port, ...env });
  bus = await connectBus({ servers: ingress.nats.url, name: 'spec' });
  return ingress;
}

const finish = (): string => github.finishRun(REPOSITORY, { workflow: 'ci.yml' }).runId;
async function lose(count: number): Promise<string[]> {
  github.hooks.fault = 'lost';
  const runs = Array.from({ length: count }, finish);
  await github.settled();
  github.hooks.fault = undefined;
  return runs;
}
const stored = async (): Promise<string[]> => (await storedRuns(bus)).map(({ run }) => run.id).toSorted();
const asked = (): number => github.ledger.calls.filter(({ method, path }) => method === 'POST' && path.endsWith('/attempts')).length;
const shown = async (to: IngressUnderTest): Promise<Reply['body']> => (await to.call('GET', '/admin/github')).body;

it('recovers what was lost while nobody listened and while somebody did, each run once, and says so in a fact', async () => {
  const early = await lose(3);
  const running = await start();
  const arrived = finish();
  await vi.waitFor(async () => expect(await stored()).toEqual([...early, arrived].toSorted()), SLOW);
  const late = await lose(2);
  await vi.waitFor(async () => expect(await stored()).toEqual([...early, arrived, ...late].toSorted()), SLOW);
  await vi.waitFor(async () => {
    const named = (await sweptFactsIn(bus)).flatMap(({ redelivered }) => redelivered);
    expect(new Set(named.map(({ guid }) => guid)).size).toBe(5);
    expect(named.every(({ deliveryId }) => BigInt(deliveryId) > 2n ** 53n)).toBe(true);
  }, SLOW);
  await vi.waitFor(
    async () => expect(await shown(running)).toMatchObject({ sweeper: { state: 'sweeping', gapSeconds: 0, waiting: 0, givenUp: 0 } }),
    SLOW,
  );
  const text = lines.join('');
  expect(text).toContain('work.accept');
  for (const secret of [github.app.webhookSecret, 'an-older-webhook-secret', 'PRIVATE KEY', 'ghs_', 'eyJ', 'sha256='])
    expect(text).not.toContain(secret);
});

it('goes on after a stop in the middle: nothing is lost, nothing is stored twice', async () => {
  const lost = await lose(5);
  const running = await start({ GITHUB_REDELIVERIES_PER_SECOND: '1' });
  await vi.waitFor(() => expect(asked()).toBeGreaterThan(1), { ...SLOW, interval: 10 });
  await running.restart({}, async () => expect(asked()).toBeLessThan(5));
  await vi.waitFor(async () => expect(await stored()).toEqual(lost.toSorted()), SLOW);
});

it('asks for nothing that is stored though GitHub did not hear so', async () => {
  const running = await start({ GITHUB_SWEEP_SECONDS: '3600' });
  await vi.waitFor(async () => expect(await shown(running)).toMatchObject({ sweeper: { state: 'sweeping' } }), SLOW);
  const body = github.webhookBody(REPOSITORY, { workflow: 'ci.yml' });
  const headers = hookHeaders(github, body, { 'x-github-delivery': 'heard-by-one' });
  expect((await running.call('POST', '/webhooks/github', body, headers)).status).toBe(202);
  github.hooks.fault = 'lost';
  github.finishRun(REPOSITORY, { workflow: 'ci.yml', guid: 'heard-by-one' });
  const unheard = finish();
  await github.settled();
  github.hooks.fault = undefined;
  await running.restart({ GITHUB_SWEEP_SECONDS: '1' });
  await vi.waitFor(async () => expect(await stored()).toContain(unheard), SLOW);
  await vi.waitFor(async () => expect(JSON.stringify(await sweptFactsIn(bus))).toContain('deliveryId'), SLOW);
  expect(github.deliveries.filter(({ guid, redelivery }) => redelivery && guid === 'heard-by-one')).toEqual([]);
  expect(await stored()).toHaveLength(2);
});

it('waits while GitHub is away: it is told, and the ingress stays ready', async () => {
  github.faults.add({ route: 'hook-deliveries', kind: '502-before', times: 3 });
  const lost = await lose(1);
  const running = await start();
  await vi.waitFor(async () => {
    const ready = await running.call('GET', '/health/ready');
    expect(ready.status).toBe(200);
    expect(ready.body).toMatchObject({ dependencies: { github: { ok: true, detail: expect.stringContaining('lost webhooks') } } });
  }, SLOW);
  expect(await shown(running)).toMatchObject({ sweeper: { state: 'waiting' } });
  await vi.waitFor(async () => expect(await stored()).toEqual(lost), SLOW);
  await eventually(async () => JSON.stringify((await running.call('GET', '/health/ready')).body).includes('"github":{"ok":true}'));
  expect(lines.filter((line) => line.includes('github.sweep_waits'))).toHaveLength(1);
});
