import type { Tenant, TenantId } from '@waybill/contracts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Bus, connectBus } from './bus.ts';
import { RegistryView } from './registry-view.ts';
import { RegistryWriter } from './registry-writer.ts';
import { eventually, silent, startRegion, type ThrowawayNats } from './testing/region.ts';

const at = '2026-01-01T00:00:00.000Z';
const tenant = (id: string): Tenant => ({ id: id as TenantId, createdAt: at, updatedAt: at });

describe('the registry', () => {
  let nats: ThrowawayNats;
  let bus: Bus;
  let other: Bus;
  let view: RegistryView;
  let elsewhere: RegistryView;
  let writer: RegistryWriter;

  beforeAll(async () => {
    nats = await startRegion('local');
  });
  afterAll(() => nats.cleanup());
  beforeEach(async () => {
    bus = await connectBus({ servers: nats.url, name: 'writer' });
    other = await connectBus({ servers: nats.url, name: 'reader' });
    view = await RegistryView.follow(bus, silent(), 'local');
    elsewhere = await RegistryView.follow(other, silent(), 'local');
    writer = new RegistryWriter(bus, 'local', view);
  });
  afterEach(async () => {
    view.close();
    elsewhere.close();
    await bus.close();
    await other.close();
  });

  it('shows a write to its writer at once, and to others by its revision', async () => {
    const revision = await writer.create('tenant', ['acme'], tenant('acme'));
    expect(view.tenant('acme')?.id).toBe('acme');
    expect(await elsewhere.atLeast('local', revision, 5_000)).toBe(true);
    expect(elsewhere.tenant('acme')?.id).toBe('acme');
    expect(await elsewhere.atLeast('local', revision + 1_000, 20)).toBe(false);
  });

  it('refuses to create twice', async () => {
    await writer.create('tenant', ['twice'], tenant('twice'));
    await expect(writer.create('tenant', ['twice'], tenant('twice'))).rejects.toMatchObject({ code: 'WB_CONFLICT' });
  });

  it('loses no change when two write at once', async () => {
    await writer.create('tenant', ['busy'], tenant('busy'));
    const second = new RegistryWriter(other, 'local', elsewhere);
    await elsewhere.atLeast('local', view.revision, 5_000);
    const mark = (by: RegistryWriter, name: string): Promise<number> =>
      by.update('tenant', ['busy'], (now) => ({ ...now, name: `${now.name ?? ''}${name}` }));
    await Promise.all([mark(writer, 'a'), mark(second, 'b')]);
    await view.atLeast('local', elsewhere.revision, 5_000);
    expect(view.tenant('busy')?.name).toMatch(/^(ab|ba)$/);
  });

  it('removes, also for those who start later', async () => {
    await writer.create('tenant', ['gone'], tenant('gone'));
    await writer.remove('tenant', ['gone']);
    expect(view.tenant('gone')).toBeUndefined();
    const late = await RegistryView.follow(other, silent(), 'local');
    expect(late.tenant('gone')).toBeUndefined();
    late.close();
  });

  it('leaves an unreadable entry out and keeps the others', async () => {
    await bus.js.publish('$KV.registry.local.tenant.broken', 'not json');
    const revision = await writer.create('tenant', ['fine'], tenant('fine'));
    await elsewhere.atLeast('local', revision, 5_000);
    expect(elsewhere.tenant('broken')).toBeUndefined();
    expect(elsewhere.tenant('fine')).toBeDefined();
  });

  it('catches up after the server was killed, and says meanwhile that it is behind', async () => {
    await nats.kill();
    await eventually(() => !bus.isUp() && elsewhere.failure !== undefined);
    await expect(writer.create('tenant', ['down'], tenant('down'))).rejects.toMatchObject({ code: 'WB_NATS_AWAY' });
    await nats.restart();
    await eventually(() => bus.isUp() && other.isUp());
    let revision = 0;
    await eventually(async () => {
      revision = await writer.put('tenant', ['after'], tenant('after')).catch(() => 0);
      return revision > 0;
    });
    expect(await elsewhere.atLeast('local', revision, 10_000)).toBe(true);
    await eventually(() => elsewhere.failure === undefined);
  });
});
