import { type DispatchDecided, dispatchDecidedSchema, githubEndpointId, type GithubRun, runIdentity, subjects } from '@waybill/contracts';
import { GithubFake } from '@waybill/github-fake';
import { eventually } from '@waybill/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { githubEnvironment, runOf } from './testing/planner-on-github.ts';
import { type Region, TwoPlanners } from './testing/two-planners.ts';

const CD = githubEndpointId('acme', 'my-target-repo', 'cd.yml');

describe('finished runs of two linked regions', () => {
  let regions: TwoPlanners;
  let fake: GithubFake;

  beforeAll(async () => {
    [regions, fake] = await Promise.all([TwoPlanners.start(), GithubFake.start()]);
    fake.owner('acme');
    const outbound = 'outbound:\n  - source: { workflow: ci.yml }\n    targets: [{ repository: my-target-repo, workflow: cd.yml }]\n';
    const inbound = 'inbound:\n  - source: { repository: my-source-repo, workflow: ci.yml }\n    targets: [{ workflow: cd.yml }]\n';
    fake.repository('acme/my-source-repo', { files: { 'dispatching.yml': outbound }, workflows: { 'ci.yml': {} } });
    fake.repository('acme/my-target-repo', { files: { 'dispatching.yml': inbound }, workflows: { 'cd.yml': {} } });
    await Promise.all([regions.setState('us', 'active', 1), regions.setState('eu', 'active', 1)]);
  });
  afterAll(() => Promise.all([regions.stop(), fake.close()]));
  afterEach(async () => {
    await regions.stopPlanner('us');
    await regions.stopPlanner('eu');
  });

  const start = (region: Region): Promise<unknown> => regions.planner(region, githubEnvironment(fake));
  const run = (runId: string): GithubRun => runOf(fake, 'acme/my-source-repo', { workflow: 'ci.yml', runId });
  /** Of both regions: who planned it, and what. */
  const callsOf = async (eventId: string): Promise<string[]> => {
    const plans = [...(await regions.plansOf('us', eventId)), ...(await regions.plansOf('eu', eventId))];
    return plans.flatMap(([by, , endpoints]) => endpoints.map((endpoint) => `${by} ${endpoint}`));
  };
  const called = (eventId: string, by: Region): Promise<void> =>
    eventually(
      async () => (await callsOf(eventId)).join() === `${by} ${CD}`,
      60_000,
      () => `no plan of ${eventId} by ${by}`,
    );
  /** As `us` decides about a run right before it dies. */
  const decidedBy = (like: DispatchDecided, eventId: string, finished: GithubRun): DispatchDecided =>
    dispatchDecidedSchema.parse({ ...like, eventId, run: { ...like.run, id: finished.id, identity: runIdentity(finished) } });

  it('a region dies after a decision: the other plans from it; what was not decided it decides; the first one does nothing again', async () => {
    await start('us');
    await regions.acceptRun('us', 'evt_done', run('1'));
    await called('evt_done', 'us');
    await regions.stopPlanner('us');
    const [like] = await regions.decisions('us');
    if (like === undefined) throw new Error('us decided nothing');

    await regions.acceptRun('us', 'evt_decided', run('2'));
    await regions.acceptRun('us', 'evt_open', run('3'));
    const decided = await regions.storeAs(
      'planner',
      'us',
      subjects.fact('us', 'g', 'dispatch.decided'),
      decidedBy(like, 'evt_decided', run('2')),
    );
    await regions.replicated('eu', decided.seq, 'dispatch.decided');
    await regions.setState('us', 'failed', 2);
    await start('eu');
    await called('evt_decided', 'eu');
    await called('evt_open', 'eu');
    expect((await regions.decisions('eu')).map(({ eventId, region }) => [eventId, region])).toEqual([['evt_open', 'eu']]);

    // It is back, and still failed: it plans only what nobody else can.
    await start('us');
    await regions.acceptRun('us', 'evt_strict', run('5'), 'l');
    await called('evt_strict', 'us');
    await regions.setState('us', 'recovering', 3);
    await regions.acceptRun('us', 'evt_back', run('4'));
    await called('evt_back', 'us');
    for (const eventId of ['evt_done', 'evt_decided', 'evt_open', 'evt_strict']) expect(await callsOf(eventId)).toHaveLength(1);
    expect((await regions.decisions('us')).map(({ eventId }) => eventId)).toEqual(['evt_done', 'evt_decided', 'evt_strict', 'evt_back']);
    await regions.setState('us', 'active', 4);
  });

  it('the same run comes in at both: one dispatches it', async () => {
    await Promise.all([start('us'), start('eu')]);
    await regions.acceptRun('us', 'evt_here', run('9'));
    await called('evt_here', 'us');
    const plans = await regions.plansOf('us', 'evt_here');
    await eventually(async () => (await regions.plansOf('eu', 'evt_here', 'peers')).length === plans.length);
    // A bot's runs are decided by what is stored at that moment.
    const again = runOf(fake, 'acme/my-source-repo', { workflow: 'ci.yml', runId: '9', actor: 'renovate[bot]' });
    await regions.acceptRun('eu', 'evt_there', again);
    await eventually(async () => (await regions.decisions('eu')).some(({ skip }) => skip?.reason === 'duplicate_run_attempt'), 60_000);
    expect(await callsOf('evt_there')).toEqual([]);
  });
});
