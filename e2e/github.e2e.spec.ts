import { join } from 'node:path';
import { traceIdOf } from '@waybill/contracts';
import { eventually, type ReceivedRequest, type Receiver, startReceiver } from '@waybill/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { signed, SOURCE, StackGithub, type Story, storySchema, WEBHOOK_SECRET } from './github.fixture.ts';
import { callApi, LocalStack, TRACED } from './stack.fixture.ts';
import { badLines, everythingTold, ownSecrets, tellersOf } from './telling.fixture.ts';
import { edgesOf, traceWhen } from './traces.fixture.ts';
import { filesWith } from './stored-bytes.fixture.ts';

const [US, EU] = ['us-central1', 'europe-west1'] as const;
const SLOW_MS = 60_000;
const answerSchema = z.looseObject({ id: z.string().default(''), code: z.string().optional(), duplicate: z.boolean().optional() });
interface Answer {
  readonly status: number;
  readonly body: z.output<typeof answerSchema>;
}
const listSchema = z.object({ data: z.array(z.object({ eventId: z.string(), run: z.object({ id: z.string() }) })) });

describe('a workflow dispatch', () => {
  let stack: LocalStack;
  let github: StackGithub;
  let hooks: Receiver;
  /** Of runs that started the target; the ledger of GitHub says whether there were others. */
  const started: string[] = [];

  const at = async (region: string, method: string, path: string, body?: unknown): ReturnType<typeof callApi> => {
    const { adminKey, regions } = await stack.state();
    return callApi(regions.find(({ id }) => id === region)?.url ?? '', adminKey, { method, path, body });
  };
  const demo = async (region: string, ...more: string[]): Promise<Story> => {
    const { stdout, stderr, code } = await stack.cli('github', 'demo', '--region', region, '--json', ...more);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    const story = storySchema.parse(JSON.parse(stdout));
    started.push(...story.targets.flatMap(({ run }) => run?.id ?? []));
    return story;
  };
  const eventOf = async (region: string, runId: string): Promise<string | undefined> =>
    listSchema
      .parse((await at(region, 'GET', `/v1/dispatches?repository=${SOURCE}&limit=100`)).body)
      .data.find(({ run }) => run.id === runId)?.eventId;
  const deliver = async ({ body, headers }: ReceivedRequest, signature = headers['x-hub-signature-256'] ?? ''): Promise<Answer> => {
    const kept = ['content-type', 'x-github-event', 'x-github-delivery'].map((name) => [name, headers[name] ?? '']);
    const sent = { ...Object.fromEntries(kept), 'x-hub-signature-256': signature };
    const answer = await fetch(`${await stack.url()}/webhooks/github`, { method: 'POST', headers: sent, body });
    return { status: answer.status, body: answerSchema.parse(await answer.json()) };
  };
  /** What the first target of a run came to, which is the one that may start. */
  const targetOf = async (eventId: string): Promise<Story['targets'][number] | undefined> => {
    let target: Story['targets'][number] | undefined;
    await eventually(async () => {
      const { data } = storySchema.safeParse((await at(EU, 'GET', `/v1/dispatches/${eventId}`)).body);
      [target] = data?.targets ?? [];
      return target !== undefined && ['started', 'denied', 'failed'].includes(target.state);
    }, SLOW_MS);
    started.push(target?.run?.id ?? 'none');
    return target;
  };

  beforeAll(async () => {
    hooks = await startReceiver();
    stack = await LocalStack.create({ ...TRACED, FAILOVER_ENABLED: 'true', GITHUB_REPOSITORY_REGIONS: `acme/my-target-repo=${US}` });
    github = new StackGithub(stack);
    const { code, stderr } = await stack.up();
    if (code !== 0) throw new Error(stderr);
  });
  afterAll(async () => {
    await stack.destroy();
    await hooks.close();
  });

  it.each([US, EU])(
    'starts what consents and denies what does not, told to %s, and says so on the commit and in both regions',
    async (region) => {
      const story = await demo(region);
      expect(story).toMatchObject({
        region,
        state: 'done',
        targets: [
          { repo: 'my-target-repo', ref: 'main', state: 'started', reason: null, run: { conclusion: 'success' } },
          { repo: 'my-closed-repo', state: 'denied', reason: 'inbound_not_authorized', run: null },
        ],
      });
      const shown = storySchema.parse((await at(region, 'GET', `/v1/dispatches/${story.eventId}`)).body);
      const { checkRuns, dispatches } = await github.ledger();
      expect(checkRuns.filter(({ externalId }) => externalId === story.eventId)).toEqual([
        expect.objectContaining({ repository: SOURCE, headSha: shown.run.sha, summary: expect.stringContaining('inbound_not_authorized') }),
      ]);
      expect(dispatches.map(({ runId }) => runId)).toEqual(started);
      const told = async (from: string): Promise<string> => JSON.stringify((await at(from, 'GET', `/v1/dispatches/${story.eventId}`)).body);
      await eventually(
        async () => (await told(US)) === (await told(EU)),
        SLOW_MS,
        () => story.eventId,
      );
      expect(await told(EU)).toContain(`"checkRunId":"${story.report?.checkRunId}"`);
      for (const from of [US, EU]) expect(await eventOf(from, story.run.id)).toBe(story.eventId);
    },
  );

  it('has one trace, from the webhook over the decision to the call', async () => {
    const { eventId } = await demo(EU);
    const wanted = [
      `${EU} ingress server POST /webhooks/github`,
      `${EU} ingress server POST /webhooks/github → ${EU} ingress producer publish run.completed`,
      `${EU} ingress producer publish run.completed → ${EU} planner consumer process run.completed`,
      `${EU} planner consumer process run.completed → ${EU} planner internal decide dispatch`,
      `${US} dispatcher consumer process plan.made → ${US} dispatcher client dispatch workflow`,
    ];
    const trace = await traceWhen(stack, US, eventId, (one) => one.isWhole && wanted.every((edge) => edgesOf(one).includes(edge)));
    expect(trace.traceId).toBe(traceIdOf(eventId));
  });

  it('has the ref and the inputs of its rule, through every fact up to the call', async () => {
    const inputs = '{ sha: "{{ source.sha }}", dry: true }';
    await github.repository('acme/release-source', {
      files: {
        'dispatching.yml': `outbound:\n  - source: { workflow: ci.yml }\n    targets: [{ repository: release-target, workflow: cd.yml, ref: release/1, inputs: ${inputs} }]\n`,
      },
      workflows: { 'ci.yml': {} },
    });
    await github.repository('acme/release-target', {
      branches: ['release/1'],
      files: {
        'dispatching.yml': `inbound:\n  - source: { repository: release-source, workflow: ci.yml }\n    targets: [{ workflow: cd.yml, refs: [release/1], accept_inputs: [sha, dry] }]\n`,
      },
      workflows: { 'cd.yml': { inputs: { sha: { required: true }, dry: {} } } },
    });
    const { webhook } = await github.undelivered(hooks, 'acme/release-source');
    const { body } = await deliver(webhook);
    expect(await targetOf(body.id)).toMatchObject({ ref: 'release/1', state: 'started', reason: null });
    const sha = z.object({ workflow_run: z.object({ head_sha: z.string() }) }).parse(JSON.parse(webhook.body)).workflow_run.head_sha;
    const { dispatches } = await github.ledger();
    expect(dispatches.at(-1)).toMatchObject({ repo: 'release-target', ref: 'release/1', inputs: { sha, dry: 'true' } });
  });

  it('is not made after a run that failed', async () => {
    const { skip, targets } = await demo(EU, '--conclusion', 'failure');
    expect([skip?.reason, targets]).toEqual(['source_conclusion_not_allowed', []]);
  });

  it('is held back by a pause of either region until that ends', async () => {
    const first = async (): Promise<Story['targets'][number] | undefined> => (await demo(EU)).targets[0];
    const freeze = { repository: 'acme/my-target-repo', reason: 'release freeze' };
    expect((await at(US, 'PUT', '/v1/pauses/freeze', freeze)).status).toBe(201);
    await eventually(async () => (await first())?.reason === 'operator_paused', SLOW_MS);
    expect((await first())?.state).toBe('denied');
    expect((await at(US, 'DELETE', '/v1/pauses/freeze')).status).toBe(204);
    await eventually(async () => (await first())?.state === 'started', SLOW_MS);
  });

  it('follows no forged webhook, and one that comes again is the same event', async () => {
    // Not the hub's: what its servers agree on comes and goes as files.
    const stored = (text: string): string[] => [US, EU].flatMap((region) => filesWith(join(stack.dataDir, region), text));
    const { webhook, runId } = await github.undelivered(hooks);
    const forged = signed(webhook.body, 'a guess');
    expect(await deliver(webhook, forged)).toMatchObject({ status: 401, body: { code: 'WB_SIGNATURE_INVALID' } });
    expect(stored(runId)).toEqual([]);
    const { status, body } = await deliver(webhook, signed(webhook.body, WEBHOOK_SECRET));
    expect([status, body.duplicate]).toEqual([202, false]);
    expect(await deliver(webhook)).toMatchObject({ status: 202, body: { id: body.id, duplicate: true } });
    expect((await targetOf(body.id))?.state).toBe('started');
    expect((await github.ledger()).dispatches.map(({ runId: run }) => run)).toEqual(started);
    expect(stored(runId).length).toBeGreaterThan(0);
  });

  it.each(['/v1/dispatches', '/v1/dispatches/evt_1', '/v1/stats/dispatches', '/v1/pauses', '/admin/github'])(
    '%s tells nobody without the admin key',
    async (path) => {
      for (const { url } of (await stack.state()).regions) {
        expect((await fetch(`${url}${path}`)).status).toBe(401);
        expect((await callApi(url, 'a guess', { method: 'GET', path })).status).toBe(401);
      }
    },
  );

  it('is made by the other region when the one that it belongs to is killed in the middle, and by none a second time', async () => {
    const [us] = (await stack.state()).regions;
    const inHand = await Promise.all(Array.from({ length: 5 }, () => github.finished(`${us?.url}/webhooks/github`)));
    await eventually(async () => (await github.taken()).filter((runId) => inHand.includes(runId)).length === inHand.length, SLOW_MS);
    await eventually(async () => (await github.ledger()).dispatches.length > started.length, SLOW_MS);
    expect((await stack.cli('regions', 'kill', US)).code).toBe(0);
    expect(await demo(EU)).toMatchObject({
      region: EU,
      targets: [{ state: 'started', run: { conclusion: 'success' } }, { state: 'denied' }],
    });
    expect((await stack.cli('regions', 'revive', US)).code).toBe(0);
    await eventually(async () => /us-central1 +(recovering|active)/.test((await stack.cli('regions', '--once')).stdout), SLOW_MS);
    await demo(US);
    for (const runId of inHand) {
      await eventually(async () => (await eventOf(US, runId)) !== undefined, SLOW_MS);
      expect((await targetOf((await eventOf(US, runId)) ?? ''))?.state).toBe('started');
    }
    const { dispatches } = await github.ledger();
    expect(dispatches.map(({ runId }) => runId).toSorted()).toEqual(started.toSorted());
  });

  it('leaves no key, secret or token in a line, a span, a metric or a store', async () => {
    // Nobody but the services knows the App's key: `IBAAKCAQEA` is in each RSA key of 2,048 bits, `eyJhbG…` begins each JWT that it signs.
    const secrets = ['PRIVATE KEY', 'IBAAKCAQEA', 'eyJhbGciOiJSUzI1NiI', 'ghs_', WEBHOOK_SECRET];
    const told = await everythingTold(stack);
    expect(tellersOf(told, [...secrets, ...(await ownSecrets(stack))])).toEqual([]);
    expect(badLines(told)).toEqual([]);
    await stack.down();
    expect(filesWith(stack.dataDir, 'my-closed-repo').length).toBeGreaterThan(0);
    expect(filesWith(stack.dataDir, ...secrets)).toEqual([]);
  });
});
