import { type JobCreated, type JobSpec, newJobId, subjects } from '@waybill/contracts';
import { eventually } from '@waybill/testkit';
import { z } from 'zod';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TwoPlanners } from './testing/two-planners.ts';

const healthSchema = z.object({ dependencies: z.record(z.string(), z.object({ ok: z.boolean(), detail: z.string().optional() })) });

describe('planners of two linked regions', () => {
  let regions: TwoPlanners;

  beforeAll(async () => {
    regions = await TwoPlanners.start();
    await regions.tenant('acme', { ep_here: undefined, ep_there: 'eu' });
    await regions.tenant('strict', { ep_strict: undefined }, { residency: 'strict' });
  });
  afterAll(() => regions.stop());
  afterEach(async () => {
    await regions.stopPlanner('us');
    await regions.stopPlanner('eu');
  });

  const planned = (region: 'us' | 'eu', eventId: string): Promise<void> =>
    eventually(async () => (await regions.plansOf(region, eventId)).length > 0);
  const detailOf = async (url: string, name: string): Promise<string> => {
    const { dependencies } = healthSchema.parse(await (await fetch(`${url}/health/ready`)).json());
    return dependencies[name]?.detail ?? '';
  };

  it('hand an event on to the region of its endpoint, and to the default endpoint where the tenant has none', async () => {
    await Promise.all([regions.planner('us'), regions.planner('eu')]);
    await regions.accept('us', 'evt_parts', 'acme');
    await eventually(async () => (await regions.plansOf('eu', 'evt_parts', 'peers')).length === 2);
    expect(await regions.plansOf('us', 'evt_parts')).toEqual([
      ['us', 'us', ['ep_here']],
      ['us', 'eu', ['ep_there']],
    ]);
    await regions.accept('eu', 'evt_nobody', 'nobody');
    await planned('eu', 'evt_nobody');
    expect(await regions.plansOf('eu', 'evt_nobody')).toEqual([['eu', 'eu', ['region.eu']]]);
  });

  it('plan for each other what a failed region left unplanned, and nothing twice when it is back', async () => {
    await Promise.all([regions.setState('us', 'active', 1), regions.setState('eu', 'active', 1)]);
    await regions.planner('us');
    await regions.accept('us', 'evt_done', 'acme');
    await planned('us', 'evt_done');
    await regions.stopPlanner('us');
    const left = await regions.accept('us', 'evt_left', 'acme');
    await regions.replicated('eu', left.seq);

    await regions.setState('us', 'failed', 2);
    await regions.planner('eu');
    await planned('eu', 'evt_left');
    expect(await regions.plansOf('eu', 'evt_left')).toEqual([['eu', 'eu', ['ep_here', 'ep_there']]]);
    expect(await regions.plansOf('eu', 'evt_done')).toEqual([]);

    // It is back, and still failed: it plans only what nobody else can.
    const us = await regions.planner('us');
    await regions.accept('us', 'evt_held', 'acme');
    await regions.accept('us', 'evt_strict', 'strict', { scope: 'l' });
    await planned('us', 'evt_strict');
    await planned('eu', 'evt_held');
    expect(await detailOf(us.url, 'planning')).toContain('waits for the recovery');

    await regions.setState('us', 'recovering', 3);
    await regions.accept('us', 'evt_back', 'acme');
    await planned('us', 'evt_back');
    expect(await regions.closings('eu')).toMatchObject([{ of: 'us', by: 'eu', epoch: 3, role: 'planner' }]);
    for (const eventId of ['evt_left', 'evt_held', 'evt_strict', 'evt_done', 'evt_back']) {
      const plans = [...(await regions.plansOf('us', eventId)), ...(await regions.plansOf('eu', eventId))];
      const endpoints = plans.flatMap(([, , ids]) => ids);
      expect([eventId, endpoints.toSorted()]).toEqual([eventId, eventId === 'evt_strict' ? ['ep_strict'] : ['ep_here', 'ep_there']]);
    }
    await regions.setState('us', 'active', 4);
  });

  it('wait for the word of this recovery: that of an earlier one does not count', async () => {
    await Promise.all([regions.setState('us', 'active', 4), regions.setState('eu', 'active', 1)]);
    await Promise.all([regions.planner('us'), regions.planner('eu')]);
    await regions.setState('us', 'recovering', 6);
    await eventually(async () => (await regions.closings('eu')).some(({ epoch }) => epoch === 6));
    await regions.stopPlanner('eu');
    await regions.stopPlanner('us');
    await regions.setState('us', 'recovering', 8);
    const us = await regions.planner('us');
    await eventually(async () => (await detailOf(us.url, 'planning')).includes('the planners of eu'));
    await regions.accept('us', 'evt_patient', 'acme');
    await regions.planner('eu');
    await planned('us', 'evt_patient');
    expect((await regions.closings('eu')).filter(({ epoch }) => epoch === 8)).toHaveLength(1);
    await regions.setState('us', 'active', 9);
  });

  it('keep a correlation where spilling sent it, after a restart too', async () => {
    await regions.planner('us');
    let probes = 0;
    const goesTo = async (correlationId?: string): Promise<string | undefined> => {
      probes += 1;
      const eventId = `evt_probe_${probes}`;
      await regions.accept('us', eventId, 'acme', correlationId === undefined ? {} : { correlationId });
      await planned('us', eventId);
      return (await regions.plansOf('us', eventId)).find(([, , endpoints]) => endpoints.some((id) => id === 'ep_here'))?.[1];
    };
    const becomes = (spilling: boolean, region: string): Promise<void> =>
      eventually(async () => {
        await regions.reportSpilling(spilling);
        return (await goesTo()) === region;
      });
    await becomes(true, 'eu');
    expect(await goesTo('order-1')).toBe('eu');
    await becomes(false, 'us');
    expect(await goesTo('order-1')).toBe('eu');
    await regions.stopPlanner('us');
    await regions.planner('us');
    expect(await goesTo('order-1')).toBe('eu');
    expect(await goesTo('order-2')).toBe('us');
  });

  it('replay what another region accepted, and wait with that while their own is not active', async () => {
    await Promise.all([regions.setState('us', 'active', 10), regions.setState('eu', 'active', 10)]);
    await regions.planner('eu');
    const { seq } = await regions.accept('eu', 'evt_again', 'acme');
    await planned('eu', 'evt_again');
    await regions.replicated('us', seq);
    await eventually(async () => (await regions.plansOf('us', 'evt_again', 'peers')).length > 0);
    await regions.setState('us', 'draining', 11);
    const us = await regions.planner('us');
    const range = { from: new Date(Date.now() - 3_600_000).toISOString(), to: new Date(Date.now() + 1_000).toISOString() };
    const spec: JobSpec = { kind: 'replay', ...range, region: 'eu', destinations: 'then' };
    const jobId = newJobId(Date.now(), Buffer.alloc(10, 1));
    const told = { by: { actor: 'spec', reason: 'spec' }, at: range.from };
    const created: JobCreated = { v: 1, jobId, region: 'us', spec, ratePerSecond: 200, start: true, lists: [], ...told };
    await regions.storeAs('ingress', 'us', subjects.fact('us', 'l', 'job.created'), created);
    await eventually(async () => (await detailOf(us.url, 'jobs')).includes('waits for its region to be active'));
    expect(await regions.plansOf('us', 'evt_again')).toEqual([]);
    await regions.setState('us', 'active', 12);
    await planned('us', 'evt_again');
    await eventually(async () => (await detailOf(us.url, 'jobs')) === '');
    const parts = await regions.plansOf('us', 'evt_again');
    expect(parts.flatMap(([by, region, endpoints]) => endpoints.map((endpoint) => [by, region, endpoint]))).toEqual([
      ['us', 'eu', 'ep_here'],
      ['us', 'eu', 'ep_there'],
    ]);
  });

  it('go on by themselves while the hub is away, and say so', async () => {
    const [hub] = regions.servers.servers('hub');
    await hub?.kill();
    const us = await regions.planner('us');
    expect(await detailOf(us.url, 'control')).toContain('goes on with what is known');
    await regions.accept('us', 'evt_alone', 'acme');
    await planned('us', 'evt_alone');
    await hub?.restart();
    await eventually(async () => (await detailOf(us.url, 'control')) === '');
  });
});
