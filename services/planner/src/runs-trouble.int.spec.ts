import { streamNames } from '@waybill/contracts';
import { eventually } from '@waybill/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PlannerOnGithub } from './testing/planner-on-github.ts';

describe('finished runs in trouble', () => {
  let on: PlannerOnGithub;

  beforeAll(async () => {
    on = await PlannerOnGithub.open();
    on.pair('acme');
  });
  afterAll(() => on.close());
  afterEach(async () => {
    on.fake.faults.clear();
    await on.stop();
  });

  const waits = (text: string): Promise<void> => eventually(async () => (await on.github())?.detail?.includes(text) === true, 60_000);
  const goesOn = (): Promise<void> => eventually(async () => (await on.github())?.detail === undefined, 60_000);

  it('GitHub answers 5xx, resets, hangs: nothing is decided, others pass, and then each is decided once', async () => {
    await on.start({ GITHUB_TIMEOUT_MS: '500' });
    for (const kind of ['502-before', 'reset-before', 'hang'] as const) on.fake.faults.add({ route: '*', kind, times: 2 });
    on.fake.faults.add({ route: '*', kind: '502-before', times: 0 });
    const before = (await on.decisions()).length;
    const events = await Promise.all(['1', '2', '3'].map((runId) => on.finish('acme/my-source-repo', { runId })));
    await waits('runs: GitHub does not answer');
    expect((await on.github())?.ok).toBe(true);
    await on.acceptOther('evt_other');
    await eventually(async () => (await on.plansOf('evt_other')).length === 1);
    expect((await on.decisions()).length).toBe(before);
    on.fake.faults.clear();
    expect(await Promise.all(events.map((eventId) => on.resultOf(eventId)))).toEqual([['allow main'], ['allow main'], ['allow main']]);
    await goesOn();
    expect((await on.decisions()).length).toBe(before + 3);
  });

  it('GitHub limits one installation: its runs wait as long as it says, those of another do not', async () => {
    on.pair('limited');
    on.pair('free');
    await on.start();
    on.fake.faults.add({ route: 'contents', kind: 'secondary-limit', owner: 'limited', times: 0, retryAfterSeconds: 1 });
    const held = await on.finish('limited/my-source-repo');
    await waits('1 runs: GitHub asks to slow down');
    const free = await on.finish('free/my-source-repo');
    expect(await on.resultOf(free)).toEqual(['allow main']);
    expect((await on.decisions()).some(({ eventId }) => eventId === held)).toBe(false);
    on.fake.faults.clear();
    expect(await on.resultOf(held)).toEqual(['allow main']);
  });

  it('no App is set up any more: what came in is kept until there is one', async () => {
    await on.start({ GITHUB_APP_ID: '', GITHUB_APP_PRIVATE_KEY: '', GITHUB_WEBHOOK_SECRET: '' });
    const eventId = await on.finish('acme/my-source-repo');
    await waits('1 runs: no GitHub App is set up here');
    await on.stop();
    await on.start();
    expect(await on.resultOf(eventId)).toEqual(['allow main']);
  });

  it('died between decision and plan: plans from that decision, also when the file changed and GitHub is away', async () => {
    await on.start();
    const eventId = await on.finish('acme/my-source-repo');
    await on.decisionOf(eventId);
    await eventually(async () => (await on.unsettled()) === 0);
    await on.stop();
    await on.undoPlan(eventId);
    on.fake.putFile('acme/my-source-repo', 'dispatching.yml', 'outbound: []');
    on.fake.faults.add({ route: '*', kind: '502-before', times: 0 });
    await on.start();
    expect(await on.resultOf(eventId)).toEqual(['allow main']);
    const [plan, ...more] = await on.plansOf(eventId);
    expect([plan?.deliveries.map(({ endpointId }) => endpointId), more]).toEqual([['github:acme/my-target-repo/cd.yml'], []]);
    expect((await on.decisions()).filter((fact) => fact.eventId === eventId)).toHaveLength(1);
    on.pair('acme');
  });

  it('tells nothing secret in facts', async () => {
    const [, line = ''] = on.fake.app.privateKey.split('\n');
    const text = await on.everythingIn(streamNames('local').log);
    for (const secret of [on.fake.app.webhookSecret, line, 'ghs_']) expect(text.includes(secret)).toBe(false);
  });
});
