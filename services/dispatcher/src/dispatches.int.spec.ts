import { CONSUMERS, joinRawData, streamNames, subjects } from '@waybill/contracts';
import { eventually } from '@waybill/testkit';
import { scanStream } from '@waybill/transport';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type DispatchPlan, DispatchWorld, TARGET, type Wanted } from './testing/dispatch-world.ts';
import { REGION, TestRegion } from './testing/region.ts';

const BUDGET_MS = 60_000;
let region: TestRegion;
let world: DispatchWorld;

beforeAll(async () => {
  region = await TestRegion.start();
});
afterAll(() => region.stop());
beforeEach(async () => {
  world = await DispatchWorld.start();
});
afterEach(async () => {
  await region.stopDispatchers();
  await world.fake.close();
});

const publish = async ({ head, data }: DispatchPlan): Promise<void> => {
  await region.publishRaw(subjects.plan(REGION, 'g', REGION), joinRawData(head, data).toString('utf8'));
};
const send = async (wanted: readonly Wanted[], ageMs = 0): Promise<DispatchPlan> => {
  const plan = world.plan(REGION, wanted, { ageMs });
  await publish(plan);
  return plan;
};
const tell = (type: 'dispatch.intended' | 'dispatch.settled', fact: object) =>
  region.publishRaw(subjects.fact(REGION, 'g', type), JSON.stringify(fact));

/** What was said about each delivery of a plan: the reasons of its attempts, and how it ended. */
async function stories({ eventId, deliveries }: DispatchPlan) {
  const attempts = await region.attempts(eventId);
  return deliveries.map(({ deliveryId }) => {
    const own = attempts.filter((fact) => fact.deliveryId === deliveryId);
    const ends = own.flatMap(({ next }) => (next.kind === 'retry' ? [] : ['reason' in next ? next.reason : next.kind]));
    return { said: own.map(({ outcome }) => (outcome.kind === 'accepted' ? 'accepted' : outcome.reason)), ends };
  });
}
const ended = async (plan: DispatchPlan) => {
  await eventually(
    async () => (await stories(plan)).every(({ ends }) => ends.length > 0),
    BUDGET_MS,
    () => JSON.stringify(plan.eventId),
  );
  return stories(plan);
};
/** What a dispatcher without a memory would do again. */
const startAgain = async () => {
  await region.stopDispatchers();
  await region.forgetAcks();
  return region.dispatcher(world.env());
};

describe('workflow dispatches', () => {
  it(
    'start the right workflows, and say which runs',
    async () => {
      await region.dispatcher(world.env());
      const plan = await send([{}, { repository: 'beta/app', workflow: 'other.yml', ref: 'release' }]);
      expect(await ended(plan)).toEqual([
        { said: ['accepted'], ends: ['delivered'] },
        { said: ['accepted'], ends: ['delivered'] },
      ]);
      const started = world.fake.ledger.dispatches.map(({ owner, repo, workflow, ref, inputs }) => ({
        owner,
        repo,
        workflow,
        ref,
        inputs,
      }));
      const wanted = plan.deliveries.map(({ target: { owner, repo, workflow, ref, inputs } }) => ({ owner, repo, workflow, ref, inputs }));
      expect(started).toEqual(expect.arrayContaining(wanted));
      const runIds = world.fake.ledger.dispatches.map(({ runId }) => runId).toSorted();
      const told = (await region.attempts(plan.eventId)).map(({ outcome }) => (outcome.kind === 'accepted' ? outcome.run?.id : undefined));
      expect(new Set(told)).toEqual(new Set(runIds));
    },
    BUDGET_MS,
  );

  it(
    'fail one by one, and at once where GitHub says why (54, 58)',
    async () => {
      await region.dispatcher(world.env());
      world.fake.owner('beta', { permissions: { metadata: 'read', contents: 'read', actions: 'read' } });
      const plan = await send([{}, { ref: 'no-such-branch' }, { workflow: 'other.yml' }, { repository: 'beta/app' }]);
      expect(await ended(plan)).toEqual([
        { said: ['accepted'], ends: ['delivered'] },
        { said: ['ref_not_found'], ends: ['ref_not_found'] },
        { said: ['accepted'], ends: ['delivered'] },
        { said: ['permission_missing'], ends: ['permission_missing'] },
      ]);
    },
    BUDGET_MS,
  );

  it(
    'are found when the answer was lost, whatever way (55)',
    async () => {
      await region.dispatcher(world.env());
      for (const kind of ['502-after', 'reset-after', 'hang-after'] as const) world.fake.faults.add({ route: 'dispatch', kind });
      const plan = await send([{}, { workflow: 'other.yml' }, { ref: 'release' }]);
      for (const story of await ended(plan)) expect([story.said[0], ...story.ends]).toEqual(['outcome_unknown', 'delivered']);
      expect([world.effects(plan), world.calls('dispatch')]).toEqual([3, 3]);
    },
    BUDGET_MS,
  );

  it(
    'are never called again when no run is found (56)',
    async () => {
      await region.dispatcher(world.env());
      world.fake.faults.add({ route: 'dispatch', kind: 'reset-before' });
      const plan = await send([{}]);
      const [story] = await ended(plan);
      expect(story?.ends).toEqual(['github_unavailable']);
      expect(new Set(story?.said)).toEqual(new Set(['outcome_unknown', 'github_unavailable']));
      expect([world.effects(plan), world.calls('dispatch')]).toEqual([0, 1]);
    },
    BUDGET_MS,
  );

  it(
    'of one workflow and ref wait while one of them is unknown, and each happens once',
    async () => {
      await region.dispatcher(world.env());
      world.fake.faults.add({ route: 'dispatch', kind: '502-after' });
      const plan = await send([{}, {}, {}]);
      const told = await ended(plan);
      expect(told.map(({ ends }) => ends)).toEqual([['delivered'], ['delivered'], ['delivered']]);
      expect(told.flatMap(({ said }) => said)).toContain('waiting_for_other');
      expect([world.effects(plan), world.calls('dispatch')]).toEqual([3, 3]);
      const runs = (await region.attempts(plan.eventId)).flatMap(({ outcome }) => (outcome.kind === 'accepted' ? [outcome.run?.id] : []));
      expect(new Set(runs).size).toBe(3);
    },
    BUDGET_MS,
  );

  it(
    'wait for as long as GitHub asks, alone through their installation (57)',
    async () => {
      const { url } = await region.dispatcher(world.env());
      world.fake.faults.add({ route: 'dispatch', owner: 'acme', kind: 'secondary-limit', retryAfterSeconds: 4 });
      const limited = await send([{}]);
      await eventually(async () => (await stories(limited))[0]?.said.length === 1, BUDGET_MS);
      const [behind, other] = [await send([{ workflow: 'other.yml' }]), await send([{ repository: 'beta/app' }])];
      await ended(other);
      expect([world.effects(limited), world.effects(behind)]).toEqual([0, 0]);
      expect(await (await fetch(`${url}/health/ready`)).text()).toContain('github:acme waits until');
      expect(await ended(limited)).toEqual([{ said: ['rate_limited', 'accepted'], ends: ['delivered'] }]);
      expect(await ended(behind)).toEqual([{ said: ['accepted'], ends: ['delivered'] }]);
      expect([world.effects(limited), world.effects(behind), world.calls('dispatch')]).toEqual([1, 1, 3]);
    },
    BUDGET_MS,
  );

  it(
    'of a whole plan are parked when GitHub slows one down, without a mark and in nobody’s way',
    async () => {
      await region.dispatcher(world.env());
      world.fake.faults.add({ route: 'dispatch', owner: 'acme', kind: 'secondary-limit', retryAfterSeconds: 3_600 });
      const plan = await send(Array.from({ length: 40 }, () => ({})));
      const { log } = streamNames(REGION);
      await eventually(async () => {
        const { num_pending, num_ack_pending } = await region.bus.jsm.consumers.info(log, CONSUMERS.dispatcherPlans);
        return num_pending + num_ack_pending === 0 && (await region.attempts(plan.eventId)).length > 0;
      }, BUDGET_MS);
      await ended(await send([{ repository: 'beta/app' }]));
      expect([world.calls('dispatch'), (await region.attempts(plan.eventId)).map(({ outcome }) => outcome)]).toMatchObject([
        1,
        [{ kind: 'retryable', reason: 'rate_limited', retryAfterMs: expect.any(Number) }],
      ]);
    },
    BUDGET_MS,
  );

  it(
    'ask the target again when the decision is old (59)',
    async () => {
      await region.dispatcher(world.env({ MAX_PROCESSING_RETRIES: '5' }));
      const willing = await send([{}], 120_000);
      expect(await ended(willing)).toEqual([{ said: ['accepted'], ends: ['delivered'] }]);
      world.fake.putFile(TARGET, 'dispatching.yml', 'inbound: []\n');
      await region.stopDispatchers();
      await region.dispatcher(world.env());
      const revoked = await send([{}], 120_000);
      expect(await ended(revoked)).toEqual([{ said: ['inbound_not_authorized'], ends: ['inbound_not_authorized'] }]);
      expect([world.effects(willing), world.effects(revoked)]).toEqual([1, 0]);
    },
    BUDGET_MS,
  );

  it(
    'come through a storm of errors once each, and no secret is in what was written',
    async () => {
      await region.dispatcher(world.env());
      world.fake.faults.add({ route: 'dispatch', kind: '502-after', times: 3 });
      world.fake.faults.add({ route: 'runs', kind: '502-before', times: 3 });
      world.fake.faults.add({ route: 'token', kind: '502-before', times: 2 });
      const targets = ['main', 'release'].flatMap((ref) => ['cd.yml', 'other.yml'].map((workflow) => ({ ref, workflow })));
      const plan = await send(targets);
      expect((await ended(plan)).map(({ ends }) => ends)).toEqual(targets.map(() => ['delivered']));
      expect([world.effects(plan), world.fake.ledger.dispatches.length]).toEqual([4, 4]);
      const written: string[] = [];
      const { log } = streamNames(REGION);
      await scanStream(region.bus, { stream: log, subjects: [`wb.${REGION}.>`] }, ({ body }) =>
        written.push(Buffer.from(body).toString('utf8')),
      );
      expect(written.filter((text) => /ghs_|PRIVATE KEY|Bearer|a-webhook-secret/i.test(text))).toEqual([]);
    },
    BUDGET_MS,
  );

  it(
    'wait visibly without an App, and go out when there is one',
    async () => {
      const { url } = await region.dispatcher();
      const plan = await send([{}]);
      await eventually(async () => (await (await fetch(`${url}/health/ready`)).text()).includes('no GitHub App is set up'));
      expect(await region.attempts(plan.eventId)).toEqual([]);
      await region.stopDispatchers();
      await region.dispatcher(world.env());
      expect(await ended(plan)).toEqual([{ said: ['accepted'], ends: ['delivered'] }]);
    },
    BUDGET_MS,
  );
});

describe('a dispatcher that died', () => {
  it(
    'before the call: the intent is never called again, and ends',
    async () => {
      const plan = world.plan(REGION, [{}]);
      await tell('dispatch.intended', world.intended(plan, REGION));
      await publish(plan);
      await region.dispatcher(world.env());
      expect((await ended(plan))[0]?.ends).toEqual(['github_unavailable']);
      expect([world.effects(plan), world.calls('dispatch')]).toEqual([0, 0]);
    },
    BUDGET_MS,
  );

  it(
    'after the call: its run is found, and not that of another dispatch',
    async () => {
      const [other, plan] = [world.plan(REGION, [{}]), world.plan(REGION, [{}])];
      const theirs = await world.call(other);
      await tell('dispatch.intended', world.intended(plan, REGION));
      const ours = await world.call(plan);
      await tell('dispatch.settled', world.settled(other, REGION, { kind: 'started', runId: theirs, how: 'answered' }));
      await publish(plan);
      await region.dispatcher(world.env());
      expect((await ended(plan))[0]?.ends).toEqual(['delivered']);
      expect((await region.attempts(plan.eventId)).at(-1)?.outcome).toMatchObject({ run: { id: ours } });
      expect(world.fake.ledger.dispatches).toHaveLength(2);
    },
    BUDGET_MS,
  );

  it(
    'after it was settled: nothing is asked of GitHub',
    async () => {
      const plan = world.plan(REGION, [{}]);
      await tell('dispatch.intended', world.intended(plan, REGION));
      await tell('dispatch.settled', world.settled(plan, REGION, { kind: 'started', runId: '4711', how: 'answered' }));
      await publish(plan);
      await region.dispatcher(world.env());
      expect(await ended(plan)).toEqual([{ said: ['accepted'], ends: ['delivered'] }]);
      expect((await region.attempts(plan.eventId))[0]?.outcome).toMatchObject({ run: { id: '4711' } });
      expect(world.calls('dispatch')).toBe(0);
    },
    BUDGET_MS,
  );

  it(
    'after a call that did not get through: it calls again',
    async () => {
      const plan = world.plan(REGION, [{}]);
      await tell('dispatch.intended', world.intended(plan, REGION));
      await tell('dispatch.settled', world.settled(plan, REGION, { kind: 'released', detail: 'no connection' }));
      await publish(plan);
      await region.dispatcher(world.env());
      expect(await ended(plan)).toEqual([{ said: ['accepted'], ends: ['delivered'] }]);
      expect(world.effects(plan)).toBe(1);
    },
    BUDGET_MS,
  );

  it(
    'in the middle of everything, with every ack lost, repeats nothing',
    async () => {
      await region.dispatcher(world.env());
      world.fake.faults.add({ route: 'dispatch', kind: 'hang-after' });
      const plan = await send([{}, { workflow: 'other.yml' }, { ref: 'release' }]);
      await eventually(() => world.effects(plan) >= 1, BUDGET_MS);
      await startAgain();
      expect((await ended(plan)).map(({ ends }) => ends)).toEqual([['delivered'], ['delivered'], ['delivered']]);
      await startAgain();
      const last = await send([{ repository: 'beta/app' }]);
      await ended(last);
      expect([world.effects(plan), (await stories(plan)).flatMap(({ ends }) => ends)]).toEqual([
        3,
        ['delivered', 'delivered', 'delivered'],
      ]);
    },
    BUDGET_MS,
  );

  it(
    'in another region, whose word never arrived: its run is found by the one that stands in, and nothing else is taken for one',
    async () => {
      const [called, uncalled] = [{}, { ref: 'release' }].map((wanted) => world.plan(REGION, [wanted], { acceptedIn: 'gone' }));
      if (called === undefined || uncalled === undefined) throw new Error('no plans');
      const runId = await world.call(called);
      for (const plan of [called, uncalled]) await publish(plan);
      await region.dispatcher(world.env());
      await Promise.all([ended(called), ended(uncalled)]);
      expect((await region.attempts(called.eventId)).at(-1)?.outcome).toMatchObject({ run: { id: runId } });
      expect([world.effects(called), world.effects(uncalled), world.calls('dispatch')]).toEqual([1, 1, 2]);
    },
    BUDGET_MS,
  );
});
