import { placementSchema, type TenantId } from '@waybill/contracts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { World, type WorldOptions } from './testing/world.ts';

let world: World;
const open = (options?: WorldOptions): World => (world = new World(options));
const startAll = (): void => {
  for (const region of world.options.regions) world.start(region);
};
const status = (region: string) => world.processes.get(region)?.controller.status;
const isOpen = (region: string) => world.processes.get(region)?.controller.permission.open;
const THREE = ['us', 'eu', 'ap'];

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-21T10:00:00.000Z') });
});
afterEach(() => {
  world.stop();
  vi.useRealTimers();
});

describe('taking over from a region that was declared failed', () => {
  it('delivers what it left, and leaves alone what it had done', async () => {
    open();
    startAll();
    const done = world.plan('us', 'us');
    await world.pass(1_000);
    world.kill('us');
    const left = world.plan('us', 'us');
    world.fail('us');
    await world.pass(10_000);
    expect(world.sentTo(done)).toEqual(['us 1']);
    expect(world.sentTo(left)).toEqual(['eu 1']);
    expect(status('eu')?.takeOvers).toMatchObject([{ of: 'us', phase: 'following', taken: 1, unready: 0 }]);
  });

  it('goes on with its retries when they are due, with the next attempt', async () => {
    open();
    startAll();
    const retried = world.plan('us', 'us');
    world.refusals.set(retried, 1);
    world.retryMs.set(retried, 60_000);
    await world.pass(1_000);
    world.kill('us');
    world.fail('us');
    await world.pass(20_000);
    expect(world.sentTo(retried)).toEqual(['us 1']);
    await world.pass(60_000);
    expect(world.sentTo(retried)).toEqual(['us 1', 'eu 2']);
  });

  it('gives a region that is alive time to hear it', async () => {
    open({ latencyMs: 1_500 });
    startAll();
    await world.pass(1_000);
    world.fail('us');
    const meanwhile = world.plan('us', 'us');
    await world.pass(20_000);
    expect(isOpen('us')).toBe(false);
    expect(world.sentTo(meanwhile)).toHaveLength(1);
    expect(world.endsOf(meanwhile)).toHaveLength(1);
  });

  it('takes what is still planned for it, by planners that have not heard of it', async () => {
    open();
    startAll();
    world.kill('us');
    world.fail('us');
    await world.pass(8_000);
    const late = [world.plan('eu', 'us'), world.plan('us', 'us')];
    await world.pass(5_000);
    expect(late.map((id) => world.sentTo(id))).toEqual([['eu 1'], ['eu 1']]);
  });

  it.each([1, 100, 150, 170, 600])('takes a plan that is made now of an event that is %i s old', async (seconds) => {
    open();
    startAll();
    world.plan('us', 'us');
    await world.pass(1_000);
    // History goes further back than what has to be read.
    vi.setSystemTime(Date.now() + 6 * 3_600_000);
    const eventId = world.event();
    world.kill('us');
    await world.pass(seconds * 1_000);
    world.fail('us');
    await world.pass(10_000);
    const late = world.plan('eu', 'us', { eventId });
    await world.pass(5_000);
    expect(world.sentTo(late)).toEqual(['eu 1']);
  });

  it('finds an older event whose plan arrives late, and what was done about it before', async () => {
    open({ regions: THREE });
    startAll();
    world.cut('ap', 'eu');
    const [done, left] = [world.plan('ap', 'us'), world.event()];
    await world.pass(1_000);
    world.kill('us');
    world.plan('ap', 'us', { eventId: left });
    await world.pass(12 * 60_000);
    world.fail('us');
    await world.pass(10_000);
    world.heal('ap', 'eu');
    await world.pass(10_000);
    expect(world.sentTo(done)).toEqual(['us 1']);
    expect(world.endsOf(done)).toEqual(['us']);
    expect(status('eu')?.takeOvers).toMatchObject([{ taken: 1 }]);
  });

  it('leaves the tenants alone for whom another region or nobody stands in, until that changes', async () => {
    open({ regions: THREE });
    startAll();
    const tenants = ['in_ap', 'nobody'] as TenantId[];
    world.placements.set('in_ap', placementSchema.parse({ home: 'us', failover: ['ap'] }));
    world.placements.set('nobody', placementSchema.parse({ home: 'us', failover: [] }));
    world.kill('us');
    const [inAp, nobody] = tenants.map((tenantId) => world.plan('us', 'us', { tenantId }));
    world.fail('us');
    await world.pass(20_000);
    expect(world.sent).toMatchObject([{ deliveryId: inAp, region: 'ap' }]);
    world.placements.set('nobody', placementSchema.parse({ home: 'us', failover: ['eu'] }));
    await world.pass(20_000);
    expect(world.sent).toMatchObject([{ deliveryId: inAp }, { deliveryId: nobody, region: 'eu' }]);
  });

  it('waits for what the registry lacks, without giving the delivery up', async () => {
    open();
    startAll();
    world.kill('us');
    world.unknownIn.add('eu new_tenant');
    const waiting = world.plan('us', 'us', { tenantId: 'new_tenant' as TenantId, revision: 2 });
    const deleted = world.plan('us', 'us', { tenantId: 'new_tenant' as TenantId });
    world.fail('us');
    await world.pass(60_000);
    expect(status('eu')?.takeOvers).toMatchObject([{ unready: 1 }]);
    expect(world.sent.map(({ deliveryId }) => deliveryId)).toEqual([deleted]);
    world.unknownIn.clear();
    await world.pass(5_000);
    expect(world.sentTo(waiting)).toEqual(['eu 1']);
  });

  it('is taken on by the next region when the one that stands in fails too, claims and all', async () => {
    open({ regions: THREE });
    startAll();
    world.kill('us');
    const all = [world.plan('us', 'us'), world.plan('us', 'us'), world.plan('eu', 'us')];
    for (const id of all) world.refusals.set(id, 1);
    for (const id of all) world.retryMs.set(id, 30_000);
    world.fail('us');
    await world.pass(10_000);
    expect(all.map((id) => world.sentTo(id))).toEqual([['eu 1'], ['eu 1'], ['eu 1']]);
    world.kill('eu');
    const own = world.plan('eu', 'eu');
    const unseen = world.plan('us', 'us');
    world.fail('eu');
    await world.pass(60_000);
    expect(all.map((id) => world.sentTo(id))).toEqual([
      ['eu 1', 'ap 2'],
      ['eu 1', 'ap 2'],
      ['eu 1', 'ap 2'],
    ]);
    expect([own, unseen].map((id) => world.sentTo(id))).toEqual([['ap 1'], ['ap 1']]);
  });
});

describe('taking over from a region that was drained', () => {
  it('begins when its last fact has arrived, and says that it waits', async () => {
    open();
    startAll();
    const [done, retried] = [world.plan('us', 'us'), world.plan('us', 'us')];
    world.refusals.set(retried, 1);
    world.retryMs.set(retried, 10_000);
    world.cut('us', 'eu');
    world.drain('us');
    await world.pass(20_000);
    expect(world.record('us')).toMatchObject({ state: 'drained', epoch: 3, who: 'us' });
    expect(status('eu')?.takeOvers).toMatchObject([{ phase: 'waiting', waitingFor: 'the last facts of us' }]);
    expect(world.sentTo(done)).toEqual(['us 1']);
    world.heal('us', 'eu');
    await world.pass(10_000);
    expect(world.sentTo(done)).toEqual(['us 1']);
    expect(world.sentTo(retried)).toEqual(['us 1', 'eu 2']);
  });

  it('lets it finish what is under way, and begin nothing more', async () => {
    open({ latencyMs: 5_000 });
    startAll();
    await world.pass(1_000);
    const first = world.plan('us', 'us');
    await world.pass(1_000);
    world.drain('us');
    await world.pass(3_000);
    expect(world.record('us').state).toBe('draining');
    await world.pass(5_000);
    const later = world.plan('us', 'us');
    await world.pass(20_000);
    expect([first, later].map((id) => world.sentTo(id))).toEqual([['us 1'], ['eu 1']]);
    const facts = world.of('us').log.map(({ fact }) => (fact.type === 'changed' ? fact.change.state : fact.type));
    expect(facts).toEqual(['plan', 'attempt', 'drained', 'plan']);
  });
});

describe('a region that comes back', () => {
  async function failOver(options?: WorldOptions): Promise<void> {
    open(options);
    startAll();
    await world.pass(2_000);
    world.kill('us');
    world.fail('us');
    await world.pass(8_000);
  }

  it('waits to be activated when an operator gave it up', async () => {
    await failOver();
    world.start('us');
    await world.pass(60_000);
    expect(world.record('us').state).toBe('failed');
    expect(status('us')?.waitingFor).toBe('"activate"');
  });

  it('takes its share in steps, tells each, and is then active', async () => {
    await failOver();
    world.start('us');
    world.activate('us');
    const seen: unknown[] = [];
    for (let n = 0; n < 10; n += 1) {
      await world.pass(30_000);
      seen.push(world.record('us').share);
    }
    expect(seen).toEqual([25, 25, 50, 50, 75, 75, 100, 100, 100, 100]);
    const told = world
      .of('us')
      .log.flatMap(({ fact }) => (fact.type === 'changed' ? [`${fact.change.state} ${fact.change.share} ${fact.change.epoch}`] : []));
    expect(told).toEqual(['recovering 25 3', 'recovering 50 3', 'recovering 75 3', 'active 100 4']);
  });

  it('leaves to the other what that one claimed, also after later starts', async () => {
    await failOver();
    const claimed = world.plan('us', 'us');
    world.refusals.set(claimed, 2);
    world.retryMs.set(claimed, 200_000);
    await world.pass(5_000);
    world.start('us');
    world.activate('us');
    await world.pass(100_000);
    world.kill('us');
    world.start('us');
    await world.pass(1_000_000);
    expect(world.sentTo(claimed)).toEqual(['eu 1', 'eu 2', 'eu 3']);
  });

  it('delivers what nobody claimed, once', async () => {
    await failOver();
    world.isolate('us', true);
    const unseen = world.plan('us', 'us');
    await world.pass(5_000);
    world.start('us');
    await world.pass(5_000);
    expect(world.sentTo(unseen)).toEqual([]);
    world.isolate('us', false);
    world.activate('us');
    await world.pass(30_000);
    expect(world.sentTo(unseen)).toHaveLength(1);
  });

  it('leaves to the other what that one planned in its place, though it had planned it itself', async () => {
    await failOver();
    world.isolate('us', true);
    const eventId = world.event();
    const deliveryId = world.plan('us', 'us', { eventId });
    world.plan('eu', 'eu', { eventId, acceptedIn: 'us' });
    world.refusals.set(deliveryId, 1);
    world.retryMs.set(deliveryId, 120_000);
    await world.pass(5_000);
    world.start('us');
    world.isolate('us', false);
    world.activate('us');
    await world.pass(200_000);
    expect(world.sentTo(deliveryId)).toEqual(['eu 1', 'eu 2']);
  });

  it('waits for the word of every region that is not given up, and names them', async () => {
    await failOver({ regions: THREE });
    world.kill('ap');
    world.start('us');
    world.activate('us');
    await world.pass(30_000);
    expect(status('us')?.waitingFor).toBe('the word of ap to have stopped standing in');
    expect(world.record('us')).toMatchObject({ state: 'recovering', share: 0 });
    expect(isOpen('us')).toBe(false);
    world.fail('ap');
    await world.pass(5_000);
    expect(world.record('us').share).toBe(25);
  });

  it('does not wait for a region that was drained and is gone', async () => {
    await failOver({ regions: THREE });
    world.drain('ap');
    await world.pass(20_000);
    world.kill('ap');
    world.start('us');
    world.activate('us');
    await world.pass(5_000);
    expect(world.record('us').share).toBe(25);
  });

  it('begins at once when it is activated by force, with what it can know', async () => {
    await failOver({ regions: THREE });
    const claimed = world.plan('us', 'us');
    world.refusals.set(claimed, 1);
    world.retryMs.set(claimed, 60_000);
    await world.pass(5_000);
    world.kill('ap');
    const left = world.plan('us', 'us');
    world.start('us');
    world.setRecord('us', { state: 'active', share: 100 });
    await world.pass(10_000);
    expect(isOpen('us')).toBe(true);
    await world.pass(100_000);
    expect(world.sentTo(claimed)).toEqual(['eu 1', 'eu 2']);
    expect(world.sentTo(left)).toHaveLength(1);
  });

  it('makes the other give up retries of what it had ended itself and could not tell', async () => {
    open();
    startAll();
    const deliveryId = world.plan('us', 'us');
    world.refusals.set(deliveryId, 1);
    world.retryMs.set(deliveryId, 8_000);
    await world.pass(2_000);
    world.isolate('us', true);
    // It succeeds in us, which nobody hears; in eu it is refused.
    await world.pass(8_000);
    expect(world.sentTo(deliveryId)).toEqual(['us 1', 'us 2']);
    world.kill('us');
    world.refusals.set(deliveryId, 1);
    world.retryMs.set(deliveryId, 300_000);
    world.fail('us');
    await world.pass(10_000);
    expect(world.sentTo(deliveryId)).toEqual(['us 1', 'us 2', 'eu 2']);
    world.isolate('us', false);
    world.start('us');
    world.activate('us');
    await world.pass(600_000);
    expect(world.sentTo(deliveryId)).toEqual(['us 1', 'us 2', 'eu 2']);
  });
});

describe('automatic failover', () => {
  it('takes over when the lease ran out, and the region comes back by itself', async () => {
    open({ automatic: true });
    startAll();
    await world.pass(5_000);
    world.kill('us');
    const left = world.plan('us', 'us');
    await world.pass(9_000);
    expect(world.record('us').state).toBe('active');
    await world.pass(10_000);
    expect(world.record('us')).toMatchObject({ state: 'failed', how: 'automatic', who: 'eu', epoch: 2 });
    expect(world.sentTo(left)).toEqual(['eu 1']);
    const told = world.of('eu').log.flatMap(({ fact }) => (fact.type === 'changed' ? [fact.change.state] : []));
    expect(told).toEqual(['failed']);
    world.start('us');
    await world.pass(300_000);
    expect(world.record('us')).toMatchObject({ state: 'active', share: 100 });
    expect(world.sentTo(left)).toEqual(['eu 1']);
  });

  it('gives nobody up while it cannot renew its own lease', async () => {
    open({ automatic: true });
    startAll();
    await world.pass(5_000);
    world.isolate('eu', true);
    world.kill('us');
    await world.pass(60_000);
    expect(world.record('us').state).toBe('active');
    expect(isOpen('eu')).toBe(false);
  });

  it('sends nothing from both sides of a cut, and everything has one end when it is healed', async () => {
    open({ automatic: true, regions: THREE });
    startAll();
    await world.pass(5_000);
    world.isolate('us', true);
    await world.pass(30_000);
    const behind = world.plan('us', 'us');
    const ahead = world.plan('eu', 'us');
    await world.pass(30_000);
    expect(isOpen('us')).toBe(false);
    expect([behind, ahead].map((id) => world.sentTo(id))).toEqual([[], ['eu 1']]);
    world.isolate('us', false);
    await world.pass(300_000);
    expect(world.record('us').state).toBe('active');
    expect([behind, ahead].map((id) => world.endsOf(id).length)).toEqual([1, 1]);
    expect(world.sent).toHaveLength(2);
  });
});
