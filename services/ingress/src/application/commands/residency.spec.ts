import { beforeEach, describe, expect, it } from 'vitest';
import { createEndpoint, patchEndpoint } from './endpoints.ts';
import { fakeRegistry, refusal } from './fake-registry.fixture.ts';
import { createSource, deleteSource, patchSource, putSource } from './sources.ts';
import { putTenant } from './tenants.ts';

let registry: Awaited<ReturnType<typeof fakeRegistry>>;
beforeEach(async () => {
  registry = await fakeRegistry();
});

const put = (id: string, placement?: unknown): Promise<unknown> => putTenant(registry.tenantPorts, id, { placement });
const strict = (home: string): object => ({ home, residency: 'strict' });

describe('a placement', () => {
  it('is taken when its regions are known', async () => {
    await put('acme', { home: 'eu', failover: ['us'], spill: 'never' });
    expect(registry.tenants.get('acme')?.placement).toEqual({ home: 'eu', failover: ['us'], residency: 'replicated', spill: 'never' });
  });

  it.each([
    [{ home: 'ap' }, ['placement.home']],
    [{ home: 'ap', failover: ['us', 'sa'] }, ['placement.home', 'placement.failover.1']],
    [{ hme: 'us' }, ['placement.hme']],
    [{ residency: 'strict' }, ['placement.home']],
    ['us', ['placement']],
  ])('%j is refused, naming its fields', async (placement, paths) => {
    expect(await refusal(put('new', placement))).toEqual({ code: 'WB_SCHEMA_VIOLATION', paths });
    expect(registry.tenants.has('new')).toBe(false);
  });

  it('names the regions there are', () => expect(put('new', { home: 'ap' })).rejects.toThrow('there are us, eu'));

  it.each([
    ['a replicated tenant', undefined, strict('us')],
    ['a strict tenant', strict('us'), undefined],
    ['a strict tenant', strict('us'), { home: 'us' }],
    ['the home of a strict tenant', strict('us'), strict('eu')],
  ])('does not change the residency: %s', async (_what, first, then) => {
    await put('new', first);
    expect((await refusal(put('new', then))).code).toBe('WB_PLACEMENT_FIXED');
    expect(registry.tenants.get('new')?.placement).toEqual(first);
  });

  it('of a replicated tenant may change its home, that of a strict one may be said again', async () => {
    await put('acme', { home: 'us' });
    await put('acme', { home: 'eu' });
    await put('s', strict('us'));
    await put('s', strict('us'));
    expect(registry.tenants.get('acme')?.placement?.home).toBe('eu');
  });

  it('is decided one request after the other', async () => {
    const answers = await Promise.allSettled([put('new', strict('us')), put('new')]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });
});

describe('a strict tenant of another region', () => {
  const url = 'https://example.com/hook';
  const verification = { kind: 'hmac', secret: 'hush', header: 'X-Sig' };

  it('is not made here', async () => {
    expect((await refusal(put('new', strict('eu')))).code).toBe('WB_MISDIRECTED');
    expect(registry.tenants.has('new')).toBe(false);
  });

  it('is nobody here, though this region took its id for a free one', async () => {
    registry.routeTo('eu', 'tenant', 'acme');
    const refused = [
      put('acme'),
      createEndpoint(registry.endpointPorts, 'acme', { url }),
      createSource(registry.sourcePorts, { id: 'shop', tenantId: 'acme', verification }),
      putSource(registry.sourcePorts, 'shop', { tenantId: 'acme', verification }),
    ];
    for (const promise of refused) expect((await refusal(promise)).code).toBe('WB_MISDIRECTED');
  });

  it('keeps its sources there', async () => {
    registry.routeTo('eu', 'source', 'shop');
    const { sourcePorts } = registry;
    const refused = [
      putSource(sourcePorts, 'shop', { tenantId: 'acme', verification }),
      patchSource(sourcePorts, 'shop', {}),
      deleteSource(sourcePorts, 'shop'),
    ];
    for (const promise of refused) expect((await refusal(promise)).code).toBe('WB_MISDIRECTED');
  });
});

describe('a strict tenant of this region', () => {
  const url = 'https://example.com/hook';
  const verification = { kind: 'hmac', secret: 'hush', header: 'X-Sig' };
  beforeEach(() => put('safe', strict('us')));

  it('is served at home alone', async () => {
    const create = (tenantId: string, region: string) => createEndpoint(registry.endpointPorts, tenantId, { url, region });
    expect(await refusal(create('safe', 'eu'))).toEqual({ code: 'WB_SCHEMA_VIOLATION', paths: ['region'] });
    expect(await refusal(create('acme', 'ap'))).toEqual({ code: 'WB_SCHEMA_VIOLATION', paths: ['region'] });
    await create('acme', 'eu');
    const { id } = await create('safe', 'us');
    const patch = (region: string | null) => patchEndpoint(registry.endpointPorts, 'safe', id, { region });
    expect(await refusal(patch('eu'))).toEqual({ code: 'WB_SCHEMA_VIOLATION', paths: ['region'] });
    expect(await patch(null)).not.toHaveProperty('region');
  });

  it('does not share sources with tenants of another residency', async () => {
    const { sourcePorts } = registry;
    await createSource(sourcePorts, { id: 'shop', tenantId: 'safe', verification });
    registry.routeTo('us', 'source', 'shop');
    expect((await refusal(putSource(sourcePorts, 'shop', { tenantId: 'acme', verification }))).code).toBe('WB_CONFLICT');
    await createSource(sourcePorts, { id: 'open', tenantId: 'acme', verification });
    expect((await refusal(putSource(sourcePorts, 'open', { tenantId: 'safe', verification }))).code).toBe('WB_CONFLICT');
  });

  it('has the rest of a source removed whose removal was cut off', async () => {
    registry.routeTo('us', 'source', 'half');
    await deleteSource(registry.sourcePorts, 'half');
    expect((await refusal(deleteSource(registry.sourcePorts, 'never'))).code).toBe('WB_SOURCE_UNKNOWN');
  });

  it('stays strict when another region took it for a replicated one while they were cut off', async () => {
    await put('torn');
    registry.routeTo('us', 'tenant', 'torn');
    expect(registry.tenantPorts.residency.scopeOf('torn')).toBe('l');
    expect((await refusal(put('torn'))).code).toBe('WB_PLACEMENT_FIXED');
    await put('torn', strict('us'));
  });
});
