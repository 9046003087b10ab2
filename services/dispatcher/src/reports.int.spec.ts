import {
  type DispatchDecided,
  dispatchDecidedSchema,
  dispatchDeliveryId,
  githubEndpointId,
  githubRunSchema,
  joinRawData,
  runIdentity,
  subjects,
} from '@waybill/contracts';
import { eventually } from '@waybill/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DispatchPlan, DispatchWorld, SOURCE, TARGET } from './testing/dispatch-world.ts';
import { REGION, TestRegion } from './testing/region.ts';

const BUDGET_MS = 60_000;
let region: TestRegion;
let world: DispatchWorld;

beforeAll(async () => {
  [region, world] = await Promise.all([TestRegion.start(), DispatchWorld.start()]);
});
afterAll(async () => {
  await region.stop();
  await world.fake.close();
});

/** What the planner says of a plan, with one more target that was denied. */
function decidedOf({ eventId, head, data, deliveries }: DispatchPlan): DispatchDecided {
  const run = githubRunSchema.parse(JSON.parse(data.toString('utf8')));
  const [owner, repo] = SOURCE.split('/');
  const denied = {
    deliveryId: dispatchDeliveryId(eventId, 'denied:1'),
    endpointId: githubEndpointId('acme', 'elsewhere', 'cd.yml'),
    owner: 'acme',
    repo: 'elsewhere',
    workflow: 'cd.yml',
    rule: 'outbound[0]',
    denied: { reason: 'target_not_installed', detail: 'not there' },
  };
  const targets = deliveries.map(({ deliveryId, endpointId, target }) => ({ ...target, deliveryId, endpointId, dispatch: target }));
  return dispatchDecidedSchema.parse({
    v: 1,
    eventId,
    tenantId: head.event.tenantId,
    region: REGION,
    run: { ...run, identity: runIdentity(run), repositoryId: run.repository.id, owner, repo, workflow: 'ci.yml' },
    warnings: [],
    chain: { id: 'c', depth: 0, ancestors: [] },
    targets: [...targets, denied],
    at: head.at,
  });
}

describe('a run whose targets are dispatched by this dispatcher', () => {
  it('gets one check run that links to what was started, and an issue about what was not', async () => {
    await region.dispatcher(world.env());
    const plan = world.plan(REGION, [{}]);
    const decided = decidedOf(plan);
    await region.publishRaw(subjects.fact(REGION, 'g', 'dispatch.decided'), JSON.stringify(decided));
    await region.publishRaw(subjects.plan(REGION, 'g', REGION), joinRawData(plan.head, plan.data).toString('utf8'));
    const { ledger } = world.fake;
    await eventually(
      () => ledger.checkRuns[0]?.status === 'completed' && ledger.issues.length > 0,
      BUDGET_MS,
      () => JSON.stringify([ledger.checkRuns, ledger.issues]),
    );
    const [dispatch] = ledger.dispatches;
    expect(ledger.checkRuns).toMatchObject([
      { repository: SOURCE, externalId: plan.eventId, headSha: decided.run.headSha, conclusion: 'neutral', title: '1 started, 1 denied' },
    ]);
    expect(ledger.checkRuns[0]?.summary).toContain(`| ${TARGET} cd.yml | main | started: [run ${dispatch?.runId}](`);
    expect(ledger.issues).toMatchObject([{ repository: SOURCE, state: 'open' }]);
    expect(ledger.issues[0]?.body).toContain('`target_not_installed`');
  });
});
