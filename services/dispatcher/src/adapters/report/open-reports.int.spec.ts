import type { EndpointId } from '@waybill/contracts';
import { eventually } from '@waybill/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ReportingRegion } from './testing/reporting-region.ts';

let region: ReportingRegion;
const BUDGET_MS = 30_000;
const BAD = [{}, { denied: 'inbound_not_authorized', detail: 'no rule' }] as const;

beforeAll(async () => {
  region = await ReportingRegion.start();
});
afterEach(async () => {
  region.fake.faults.clear();
  await region.stopReports();
});
afterAll(() => region.stop());

const until = (condition: () => boolean | Promise<boolean>, state?: () => string) => eventually(condition, BUDGET_MS, state);
const completed = (repo: string, count: number) =>
  until(
    () => region.checks(repo).filter(({ status }) => status === 'completed').length === count,
    () => JSON.stringify([region.checks(repo), region.writes(repo)]),
  );

describe('facts about dispatches', () => {
  it('become exactly one check run with the right conclusion, though two processes of the region report', async () => {
    region.report();
    region.report();
    const run = region.run(1, [{}, { repo: 'other' }], 'one');
    await region.tell(run.decidedFact());
    await until(() => region.checks('one').length === 1);
    expect(region.checks('one')[0]).toMatchObject({ status: 'in_progress', externalId: 'evt_1', headSha: run.decided.run.headSha });
    await region.tell(run.started(0), run.failed(1));
    await completed('one', 1);
    expect(region.checks('one')).toMatchObject([{ name: 'Waybill', conclusion: 'failure', title: '1 started, 1 failed' }]);
    expect(region.checks('one')[0]?.summary).toContain('`ref_not_found`');
    await region.tell(run.ended(0, 'cancelled'));
    await until(() => region.checks('one')[0]?.summary?.includes('ended with cancelled') === true);
    expect(region.checks('one')).toHaveLength(1);
  });

  it('are told once, though the process starts anew', async () => {
    region.report();
    const runs = [region.run(2, [{}], 'twice'), region.run(3, BAD, 'twice')];
    for (const run of runs) await region.tell(run.decidedFact(), run.started(0));
    await completed('twice', 2);
    await until(() => region.issues('twice').length === 1);
    for (const run of runs) await until(async () => (await region.reported(run)).length > 0);
    await until(async () =>
      (await region.reported(runs[1] ?? region.run(3, BAD, 'twice'))).some(({ issueNumber }) => issueNumber !== undefined),
    );
    await region.stopReports();
    const written = region.writes('twice');
    region.report();
    const next = region.run(4, [{}], 'next');
    await region.tell(next.decidedFact(), next.started(0));
    await completed('next', 1);
    expect(region.writes('twice')).toEqual(written);
  });

  it('tell of a dispatch that could not be tried, and of no webhook', async () => {
    region.report();
    const run = region.run(6, [{}], 'refused');
    const refused = run.refused(0);
    if (refused.type !== 'delivery.refused') throw new Error('a refusal is expected');
    await region.tell(run.decidedFact(), { ...refused, fact: { ...refused.fact, endpointId: 'end_1' as EndpointId } });
    await until(() => region.checks('refused').length === 1);
    expect(region.checks('refused')).toMatchObject([{ status: 'in_progress' }]);
    await region.tell(refused);
    await completed('refused', 1);
    expect(region.checks('refused')).toMatchObject([{ conclusion: 'failure', title: '1 failed' }]);
    expect(region.checks('refused')[0]?.summary).toContain('the delivery was given up');
  });

  it('lead to the same check run when GitHub made it and its answer was lost', async () => {
    region.fake.faults.add({ route: 'checks', kind: 'reset-after', times: 2, owner: 'acme' });
    const reports = region.report();
    const run = region.run(5, [{}], 'lost');
    await region.tell(run.decidedFact(), run.started(0));
    await until(() => reports?.remark() !== undefined);
    expect(reports?.remark()).toContain('wait for GitHub');
    await until(async () => (await region.reported(run)).length > 0);
    await until(() => reports?.remark() === undefined);
    expect(region.checks('lost')).toMatchObject([{ conclusion: 'success' }]);
  });
});

describe('the issue of a workflow', () => {
  it('is opened once over three failing runs, updated, and closed by a good one', async () => {
    region.report();
    for (const n of [11, 12, 13]) {
      const run = region.run(n, BAD, 'noisy');
      await region.tell(run.decidedFact(), run.started(0));
      await until(() => region.issues('noisy')[0]?.body.includes(`run ${n}`) === true);
    }
    expect(region.issues('noisy')).toMatchObject([{ state: 'open', title: 'Waybill: targets of ci.yml were not started' }]);
    const good = region.run(14, [{}], 'noisy');
    await region.tell(good.decidedFact(), good.started(0));
    await until(() => region.issues('noisy')[0]?.state === 'closed');
    expect(region.issues('noisy')).toHaveLength(1);
    expect(region.issues('noisy')[0]?.comments).toEqual([]);
  });

  it('is none with CREATE_ISSUES=false', async () => {
    region.report({ CREATE_ISSUES: 'false' });
    const run = region.run(21, BAD, 'quiet');
    await region.tell(run.decidedFact(), run.started(0));
    await completed('quiet', 1);
    await until(async () => (await region.reported(run)).length > 0);
    expect(region.writes('quiet').every((write) => write.includes('check-runs'))).toBe(true);
  });

  it('cannot be written where issues are off: that is said, and not tried again', async () => {
    region.fake.repository('acme/closed', { issues: false });
    region.report({ CREATE_CHECKS: 'false' });
    const run = region.run(31, BAD, 'closed');
    await region.tell(run.decidedFact(), run.started(0));
    await until(async () => (await region.reported(run)).length > 0);
    const [fact] = await region.reported(run);
    expect(fact?.failed).toMatch(/^issue: /);
    expect(fact?.issueNumber).toBeUndefined();
  });
});
