import { randomBytes } from 'node:crypto';
import { dispatchReportedSchema, pinnedRegion, type RoutingView, streamNames, subjects } from '@waybill/contracts';
import { eventually, testLogger } from '@waybill/testkit';
import { type Bus, Publisher, scanStream } from '@waybill/transport';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DispatchFact } from '../../domain/report/story.ts';
import { RunFacts } from '../../domain/report/testing/facts.ts';
import { busAs, EU, type LinkedRegion, LinkedRegions, REGIONS, US } from '../../testing/linked-regions.ts';
import { openReports } from './open-reports.ts';
import { FakeAccess, openGate } from './testing/fake-access.ts';

const BUDGET_MS = 60_000;
const owned: (() => Promise<void> | void)[] = [];
let regions: LinkedRegions;
let github: FakeAccess;
/** What the control bucket would say. */
const states = new Map<string, { state: 'failed'; share: number }>();

beforeAll(async () => {
  [regions, github] = await Promise.all([LinkedRegions.start(), FakeAccess.start()]);
});
afterAll(async () => {
  for (const close of owned.toReversed()) await close();
  await regions.stop();
  await github.close();
});

/** Reports of a region, over the connection that a dispatcher has. */
async function reportIn(region: LinkedRegion): Promise<void> {
  const bus = await busAs(regions.servers, region, 'dispatcher');
  const publisher = new Publisher(bus);
  const view: RoutingView = { order: REGIONS, states, spilling: new Set() };
  const reports = openReports({
    settings: { region, order: REGIONS, peers: REGIONS.filter((other) => other !== region), everythingIn: undefined },
    github: github.open(),
    bus,
    publish: (message) => publisher.publish(message),
    registry: { tenant: () => undefined },
    view: { routing: () => view },
    permission: {
      get open() {
        return !states.has(region);
      },
    },
    gate: openGate(),
    persistence: { until: (write) => write() },
    logger: testLogger(),
    nowMs: Date.now,
  });
  owned.push(
    () => bus.close(),
    () => publisher.close(),
    () => reports?.close(),
  );
}

async function tell(region: LinkedRegion, { type, fact }: DispatchFact): Promise<void> {
  const bus = await busAs(regions.servers, region, type === 'dispatch.decided' ? 'planner' : 'dispatcher');
  const publisher = new Publisher(bus);
  await publisher.publish({ subject: subjects.fact(region, 'g', type), msgId: randomBytes(8).toString('hex'), body: JSON.stringify(fact) });
  publisher.close();
  await bus.close();
}

/** The check runs that a region says it wrote. */
async function reportsIn(bus: Bus, region: LinkedRegion): Promise<string[]> {
  const ids: string[] = [];
  const scan = { stream: streamNames(region).log, subjects: [subjects.factFilter(region, 'dispatch.reported')] };
  await scanStream(bus, scan, ({ body }) => {
    const { checkRunId } = dispatchReportedSchema.parse(JSON.parse(Buffer.from(body).toString('utf8')));
    if (checkRunId !== undefined) ids.push(checkRunId);
  });
  return ids;
}

it('the region that the owner is pinned to reports on runs of all regions, and who stands in for it goes on with the same check run', async () => {
  const pinned = pinnedRegion('acme', REGIONS) === US ? US : EU;
  const other = pinned === US ? EU : US;
  for (const region of REGIONS) await reportIn(region);
  const run = new RunFacts(1, [{}], {}, github.source('acme', 'web'));
  await tell(other, run.decidedFact());
  const checks = github.fake.ledger.checkRuns;
  await eventually(() => checks.length === 1, BUDGET_MS);
  const looking = await busAs(regions.servers, pinned, 'operator');
  owned.push(() => looking.close());
  await eventually(async () => (await reportsIn(looking, pinned)).length === 1, BUDGET_MS);
  states.set(pinned, { state: 'failed', share: 0 });
  await tell(other, run.started(0));
  await eventually(
    () => checks[0]?.status === 'completed',
    BUDGET_MS,
    () => JSON.stringify(checks),
  );
  expect(checks).toMatchObject([{ externalId: run.eventId, conclusion: 'success' }]);
  expect(await reportsIn(looking, pinned)).toEqual([String(checks[0]?.id)]);
});
