import { eventually } from '@waybill/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PlannerOnGithub } from './testing/planner-on-github.ts';

const at = '2026-01-01T00:00:00.000Z';
const OLD = { updatedAt: at };

/** Rows of the decision matrix that need more than the rules: who answers, what was decided before, and what is known of the chain. */
describe('finished runs between a real log and GitHub', () => {
  let on: PlannerOnGithub;

  beforeAll(async () => {
    on = await PlannerOnGithub.open();
    await on.start({ MAX_DISPATCHES_PER_EDGE: '2' });
  });
  afterAll(() => on.close());
  afterEach(() => on.fake.faults.clear());

  it('row 1: allows what both sides agreed on, and plans the call; an event without an endpoint goes nowhere else', async () => {
    on.pair('acme');
    const eventId = await on.finish('acme/my-source-repo');
    expect(await on.resultOf(eventId)).toEqual(['allow main']);
    const { files } = await on.decisionOf(eventId);
    expect(files).toMatchObject([
      { repository: 'acme/my-source-repo', sha: expect.stringMatching(/^[0-9a-f]{40}$/), text: expect.stringContaining('outbound') },
      { repository: 'acme/my-target-repo', path: 'dispatching.yml', text: expect.stringContaining('inbound') },
    ]);
    const { deliveries } = (await on.plansOf(eventId))[0] ?? {};
    expect(deliveries).toMatchObject([
      { endpointId: 'github:acme/my-target-repo/cd.yml', dispatch: { repo: 'my-target-repo', ref: 'main', chain: { depth: 1 } } },
    ]);
  });

  it('rows 3 and 4: files that are absent or invalid', async () => {
    on.pair('row-3', { targets: ['absent', 'invalid'] });
    on.fake.removeFile('row-3/absent', 'dispatching.yml');
    on.fake.putFile('row-3/invalid', 'dispatching.yml', 'inbound: 7');
    const denied = await on.finish('row-3/my-source-repo');
    expect(await on.resultOf(denied)).toEqual(['deny target_config_missing', 'deny target_config_invalid']);
    expect((await on.decisionOf(denied)).files?.slice(1)).toMatchObject([
      { repository: 'row-3/absent', missing: true, text: '' },
      { repository: 'row-3/invalid', text: 'inbound: 7' },
    ]);
    expect((await on.plansOf(denied)).map(({ deliveries }) => deliveries)).toEqual([[]]);
    on.fake.putFile('row-3/my-source-repo', 'dispatching.yml', 'taregts: []');
    expect(await on.resultOf(await on.finish('row-3/my-source-repo'))).toEqual(['skip source_config_invalid']);
    on.fake.removeFile('row-3/my-source-repo', 'dispatching.yml');
    expect(await on.resultOf(await on.finish('row-3/my-source-repo'))).toEqual(['skip source_config_missing']);
  });

  it('rows 22 and 23: the installation is looked up, and must be usable', async () => {
    on.pair('row-22');
    const eventId = await on.finish('row-22/my-source-repo', { withInstallation: false });
    expect(await on.resultOf(eventId)).toEqual(['allow main']);
    expect((await on.decisionOf(eventId)).run.installationId).toBe(on.fake.owner('row-22').installationId);
    on.pair('row-23');
    on.fake.owner('row-23', { suspended: true });
    expect(await on.resultOf(await on.finish('row-23/my-source-repo'))).toEqual(['skip source_installation_unusable']);
  });

  it('an installation that may not read files: nothing is allowed, and the decision tells what GitHub said', async () => {
    on.pair('blind');
    on.fake.owner('blind', { permissions: { actions: 'write', metadata: 'read' } });
    const eventId = await on.finish('blind/my-source-repo');
    const [result] = await on.resultOf(eventId);
    expect(result).toMatch(/^skip source_(installation_unusable|config_missing)$/);
    expect((await on.decisionOf(eventId)).warnings).toEqual([
      expect.stringMatching(/^github_refused: .*blind\/my-source-repo: GitHub answers 4/),
    ]);
  });

  it('rows 25 and 44: targets of other owners, by their own installation', async () => {
    on.pair('beta', { targets: ['row-25/my-target-repo', 'row-44/nobody', 'row-25/archived', 'row-25/old-name'] });
    const { installationId } = on.fake.owner('row-25');
    for (const repo of ['my-target-repo', 'archived', 'old-name']) on.target(`row-25/${repo}`, 'beta/my-source-repo');
    on.fake.repository('row-25/archived', { archived: true });
    on.fake.rename('row-25/old-name', 'row-25/new-name');
    on.fake.owner('row-44', { installed: false });
    on.target('row-44/nobody', 'beta/my-source-repo');
    const eventId = await on.finish('beta/my-source-repo');
    expect(await on.resultOf(eventId)).toEqual(['allow main', 'deny target_not_installed', 'deny target_unavailable', 'deny target_moved']);
    expect((await on.decisionOf(eventId)).targets[0]?.dispatch?.installationId).toBe(installationId);
  });

  it('rows 46 and 47: one decision for a run attempt, another one for the next attempt', async () => {
    on.pair('row-46');
    const events = await Promise.all([1, 2].map(() => on.finish('row-46/my-source-repo', { runId: '4600' })));
    const results = await Promise.all(events.map((eventId) => on.resultOf(eventId)));
    expect(results.flat().toSorted()).toEqual(['allow main', 'skip duplicate_run_attempt']);
    expect(await on.resultOf(await on.finish('row-46/my-source-repo', { runId: '4600', attempt: 2 }))).toEqual(['allow main']);
  });

  it('rows 48 and 49: no circle, no endless chain; each run’s end is told to what started it', async () => {
    on.pair('row-48');
    on.fake.putFile(
      'row-48/my-target-repo',
      'dispatching.yml',
      `outbound:\n  - source: { workflow: cd.yml }\n    targets:\n      - { repository: my-source-repo, workflow: ci.yml }\n      - { repository: next, workflow: cd.yml }
inbound:\n  - source: { repository: my-source-repo, workflow: "*" }\n    targets: [{ workflow: cd.yml }]\n`,
    );
    on.target('row-48/next', 'my-target-repo');
    const first = await on.decisionOf(await on.finish('row-48/my-source-repo'));
    const chain = await on.settle(first, '4801');
    expect(chain).toMatchObject({ id: first.chain.id, depth: 1 });
    const bot = { workflow: 'cd.yml', runId: '4801', event: 'workflow_dispatch', actor: `${on.fake.app.slug}[bot]` };
    const second = await on.finish('row-48/my-target-repo', bot);
    expect(await on.resultOf(second)).toEqual(['deny cycle_detected', 'allow main']);
    expect((await on.decisionOf(second)).chain).toEqual(chain);
    expect(await on.ended()).toMatchObject([{ eventId: first.eventId, runId: '4801', conclusion: 'success' }]);
  });

  it('row 49: the fourth link of a chain', async () => {
    on.pair('row-49');
    const first = await on.decisionOf(await on.finish('row-49/my-source-repo'));
    const [target] = first.targets;
    const dispatch = target?.dispatch;
    if (target === undefined || dispatch === undefined) throw new Error('nothing was allowed');
    const deep = { ...dispatch, chain: { id: 'chain', depth: 3, ancestors: ['1/a.yml', '2/b.yml', '3/c.yml'] } };
    await on.settle({ ...first, targets: [{ ...target, dispatch: deep }] }, '4900');
    const options = { runId: '4900', actor: `${on.fake.app.slug}[bot]`, event: 'workflow_dispatch' };
    expect(await on.resultOf(await on.finish('row-49/my-source-repo', options))).toEqual(['deny chain_depth_exceeded']);
  });

  it('row 50: waits for the word of what our own App started, a minute after its end at most', async () => {
    on.pair('row-50');
    const options = { actor: `${on.fake.app.slug}[bot]`, event: 'workflow_dispatch' };
    expect(await on.resultOf(await on.finish('row-50/my-source-repo', { ...options, runId: '5000', change: OLD }))).toEqual([
      'skip chain_unverifiable',
    ]);
    const early = await on.finish('row-50/my-source-repo', { ...options, runId: '5001' });
    const first = await on.decisionOf(await on.finish('row-50/my-source-repo'));
    await on.settle(first, '5001');
    expect((await on.decisionOf(early)).chain.id).toBe(first.chain.id);
  });

  it('row 51: too many on one edge; a pause', async () => {
    on.pair('row-51');
    const results = [];
    for (let n = 0; n < 3; n += 1) results.push(...(await on.resultOf(await on.finish('row-51/my-source-repo'))));
    expect(results).toEqual(['allow main', 'allow main', 'deny edge_rate_exceeded']);
    on.pair('row-51b');
    const pause = {
      id: 'freeze',
      repository: 'ROW-51B/my-target-repo',
      sourceWorkflow: 'ci.yml',
      reason: 'audit',
      createdAt: at,
      updatedAt: at,
    };
    await on.pause(pause);
    await eventually(async () => (await on.resultOf(await on.finish('row-51b/my-source-repo'))).join() === 'deny operator_paused', 60_000);
    await on.unpause('freeze');
  });

  it('gives every run that came in its decision, with a reason for each thing that is not done', async () => {
    const decisions = await on.decisions();
    for (const { skip, targets } of decisions) {
      expect(skip?.reason.length ?? targets.length).toBeGreaterThan(0);
      for (const { dispatch, denied } of targets) expect([dispatch, denied].filter((one) => one !== undefined)).toHaveLength(1);
      for (const { denied } of targets) if (denied !== undefined) expect(denied.detail).not.toBe('');
    }
    await eventually(async () => (await on.unsettled()) === 0);
    expect(new Set(decisions.map(({ eventId }) => eventId)).size).toBe(decisions.length);
  });
});
