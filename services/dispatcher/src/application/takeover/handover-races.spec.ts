import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { World, type WorldOptions } from './testing/world.ts';

let world: World;
const open = (options?: WorldOptions): World => (world = new World(options));
const startAll = (): void => {
  for (const region of world.options.regions) world.start(region);
};
const THREE = ['us', 'eu', 'ap'];

/** A delivery of us that its receiver refuses once, and is asked again after `retryMs`. */
function refusedOnce(retryMs: number, by = 'us'): ReturnType<World['plan']> {
  const deliveryId = world.plan(by, 'us');
  world.refusals.set(deliveryId, 1);
  world.retryMs.set(deliveryId, retryMs);
  return deliveryId;
}

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-21T10:00:00.000Z') });
});
afterEach(() => {
  world.stop();
  vi.useRealTimers();
});

describe('who stands in', () => {
  it('takes nothing that another region claimed while it was reading', async () => {
    open({ regions: THREE });
    startAll();
    await world.pass(2_000);
    world.kill('us');
    const both = [world.plan('us', 'us'), world.plan('us', 'us')];
    world.delays['read'] = 700;
    world.fail('us');
    await world.pass(6_000);
    expect(world.sent).toEqual([]);
    const claim = { v: 1, of: 'us', by: 'ap', epoch: 2, deliveryIds: both.slice(0, 1), at: new Date().toISOString() } as const;
    world.of('ap').append({ type: 'claim', claim });
    world.delays['read'] = 0;
    await world.pass(30_000);
    expect(both.map((id) => world.sentTo(id))).toEqual([[], ['eu 1']]);
  });

  it('does not say that it has stopped before its last claim is stored', async () => {
    open();
    startAll();
    await world.pass(2_000);
    world.kill('us');
    const left = world.plan('us', 'us');
    world.delays['claim'] = 3_000;
    world.fail('us');
    await world.pass(5_000);
    world.start('us');
    world.activate('us');
    await world.pass(20_000);
    expect(world.of('eu').log.map(({ fact }) => fact.type)).toEqual(['claim', 'attempt', 'closed']);
    expect(world.sentTo(left)).toEqual(['eu 1']);
  });

  it('does not begin again when it reads an old copy of the record after a restart', async () => {
    open();
    startAll();
    await world.pass(2_000);
    world.kill('us');
    world.fail('us');
    const old = new Map(world.bucket.records);
    await world.pass(8_000);
    world.activate('us');
    await world.pass(3_000);
    expect(world.of('eu').log.map(({ fact }) => fact.type)).toEqual(['closed']);
    world.kill('eu');
    world.plan('us', 'us');
    world.bucket.stale = old;
    world.start('eu');
    await world.pass(30_000);
    expect(world.of('eu').log.map(({ fact }) => fact.type)).toEqual(['closed']);
  });

  it('leaves the retry alone that the region ended itself, when that arrives only while it comes back', async () => {
    open();
    startAll();
    const deliveryId = refusedOnce(8_000);
    await world.pass(2_000);
    world.cut('us', 'eu');
    await world.pass(8_000);
    world.kill('us');
    world.refusals.set(deliveryId, 1);
    world.retryMs.set(deliveryId, 120_000);
    world.fail('us');
    await world.pass(10_000);
    expect(world.sentTo(deliveryId)).toEqual(['us 1', 'us 2', 'eu 2']);
    world.start('us');
    world.activate('us');
    await world.pass(60_000);
    world.heal('us', 'eu');
    await world.pass(300_000);
    expect(world.sentTo(deliveryId)).toEqual(['us 1', 'us 2', 'eu 2']);
  });

  it('leaves what others ended meanwhile, when it was given up itself before anybody heard of its claims', async () => {
    open({ regions: THREE });
    startAll();
    const deliveryId = refusedOnce(20_000);
    await world.pass(2_000);
    world.kill('us');
    for (const other of ['us', 'ap']) world.cut('eu', other);
    world.retryMs.set(deliveryId, 600_000);
    world.refusals.set(deliveryId, 1);
    world.fail('us');
    await world.pass(25_000);
    expect(world.sentTo(deliveryId)).toEqual(['us 1', 'eu 2']);
    world.kill('eu');
    world.fail('eu');
    world.start('us');
    world.activate('us');
    await world.pass(30_000);
    expect(world.sentTo(deliveryId)).toEqual(['us 1', 'eu 2', 'us 2']);
    for (const other of ['us', 'ap']) world.heal('eu', other);
    world.start('eu');
    world.activate('eu');
    await world.pass(900_000);
    expect(world.sentTo(deliveryId)).toEqual(['us 1', 'eu 2', 'us 2']);
  });
});

describe('a region whose record changed while it could not see it', () => {
  it('finds out what others did before it goes on', async () => {
    open();
    startAll();
    const deliveryId = refusedOnce(60_000);
    await world.pass(2_000);
    world.bucket.cutOff.add('us');
    world.retryMs.set(deliveryId, 200_000);
    world.refusals.set(deliveryId, 1);
    world.fail('us');
    await world.pass(10_000);
    world.setRecord('us', { state: 'active', share: 100 });
    world.bucket.cutOff.delete('us');
    await world.pass(30_000);
    world.refusals.set(deliveryId, 0);
    await world.pass(300_000);
    expect(world.sentTo(deliveryId)).toEqual(['us 1', 'eu 2']);
  });

  it('does so too when it was activated by force before it was started', async () => {
    open();
    startAll();
    world.cut('us', 'eu');
    const eventId = world.event();
    const deliveryId = world.plan('us', 'us', { eventId });
    world.refusals.set(deliveryId, 1);
    world.retryMs.set(deliveryId, 60_000);
    await world.pass(2_000);
    world.kill('us');
    world.fail('us');
    world.plan('eu', 'eu', { eventId, acceptedIn: 'us' });
    await world.pass(10_000);
    world.setRecord('us', { state: 'active', share: 100 });
    world.start('us');
    await world.pass(300_000);
    expect(world.sentTo(deliveryId)).toEqual(['us 1', 'eu 1']);
  });
});

describe('a region that has said its last word', () => {
  it('sends nothing any more, though it died before its record said so', async () => {
    open();
    const us = world.start('us', { name: 'tell', nth: 1, when: 'after' });
    world.start('eu');
    const deliveryId = refusedOnce(10_000);
    await world.pass(2_000);
    world.drain('us');
    await world.pass(10_000);
    expect(us.isDead).toBe(true);
    expect(world.record('us').state).toBe('draining');
    const waiting = world.plan('us', 'us');
    // What it did from now on would arrive after eu has begun.
    world.cut('us', 'eu');
    world.processes.delete('us');
    world.start('us');
    await world.pass(20_000);
    expect(world.record('us').state).toBe('drained');
    expect([deliveryId, waiting].map((id) => world.sentTo(id))).toEqual([['us 1', 'eu 2'], ['eu 1']]);
  });
});
