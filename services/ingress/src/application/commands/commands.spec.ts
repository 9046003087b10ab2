import { type Endpoint, type EndpointId, isWaybillError, type Source, type Tenant } from '@waybill/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import { createEndpoint, deleteEndpoint, type EndpointPorts, patchEndpoint, requireEndpoint, rotateSecret, secretOf } from './endpoints.ts';
import { createSource, deleteSource, patchSource, putSource, type SourcePorts } from './sources.ts';
import { putTenant, type TenantPorts } from './tenants.ts';

const SECRETS = ['A', 'B', 'C'].map((letter) => `whsec_${letter.repeat(32)}`);
let nowMs: number;
let tenants: Map<string, Tenant>;
let endpoints: Map<string, Endpoint>;
let sources: Map<string, Source>;

const tenantPorts: TenantPorts = {
  find: (id) => tenants.get(id),
  save: async (tenant) => tenants.set(tenant.id, tenant),
  nowMs: () => nowMs,
};
const endpointPorts: EndpointPorts = {
  tenant: (id) => tenants.get(id),
  find: (tenantId, id) => endpoints.get(`${tenantId}.${id}`),
  create: async (endpoint) => endpoints.set(`${endpoint.tenantId}.${endpoint.id}`, endpoint),
  update: async (tenantId, id, change) => {
    const current = endpoints.get(`${tenantId}.${id}`);
    if (current) endpoints.set(`${tenantId}.${id}`, change(current));
  },
  remove: async (tenantId, id) => endpoints.delete(`${tenantId}.${id}`),
  nowMs: () => nowMs,
  newId: () => 'ep_new' as EndpointId,
  newSecret: () => SECRETS[0] ?? '',
  refuseUrl: (url) => (url.hostname === 'forbidden.test' ? 'this address is forbidden' : undefined),
};
const sourcePorts: SourcePorts = {
  tenant: (id) => tenants.get(id),
  find: (id) => sources.get(id),
  create: async (source) => sources.set(source.id, source),
  save: async (source) => sources.set(source.id, source),
  update: async (id, change) => {
    const current = sources.get(id);
    if (current) sources.set(id, change(current));
  },
  remove: async (id) => sources.delete(id),
  nowMs: () => nowMs,
  allowUnverified: false,
};

async function refusal(promise: Promise<unknown>): Promise<{ code: string; paths: string[] }> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isWaybillError(error)) throw new Error('it was accepted, or broke', { cause: error });
  const errors = Array.isArray(error.extra['errors']) ? error.extra['errors'] : [];
  return { code: error.code, paths: errors.map(({ path }: { path: string }) => path) };
}

beforeEach(async () => {
  nowMs = Date.UTC(2026, 0, 1);
  tenants = new Map();
  endpoints = new Map();
  sources = new Map();
  await putTenant(tenantPorts, 'acme', {});
});

describe('tenants', () => {
  it('are created once and replaced afterwards', async () => {
    expect(await putTenant(tenantPorts, 'new', { name: 'N' })).toMatchObject({ created: true, tenant: { id: 'new', name: 'N' } });
    const { createdAt } = tenants.get('new') ?? {};
    nowMs += 1000;
    expect(await putTenant(tenantPorts, 'new', {})).toMatchObject({ created: false, tenant: { createdAt } });
    expect(tenants.get('new')).not.toHaveProperty('name');
  });
  it('need a plain id and known fields', async () => {
    expect(await refusal(putTenant(tenantPorts, 'a.b', {}))).toEqual({ code: 'WB_SCHEMA_VIOLATION', paths: ['tenantId'] });
    expect(await refusal(putTenant(tenantPorts, 'ab', { nmae: 1 }))).toEqual({ code: 'WB_SCHEMA_VIOLATION', paths: ['nmae'] });
  });
});

describe('endpoints', () => {
  const create = (body: unknown) => createEndpoint(endpointPorts, 'acme', body);
  const url = 'https://example.com/hook';

  it('are shown without their secrets', async () => {
    const view = await create({ url });
    expect(view).toMatchObject({ id: 'ep_new', tenantId: 'acme', url, eventTypes: ['*'] });
    expect(JSON.stringify(view)).not.toContain('whsec');
    expect(secretOf(requireEndpoint(endpointPorts, 'acme', 'ep_new'))).toEqual({ key: SECRETS[0] });
  });
  it('take an id and a secret of the caller', async () => {
    await create({ url, id: 'mine', secret: SECRETS[1], disabled: true });
    expect(endpoints.get('acme.mine')).toMatchObject({ secrets: [{ key: SECRETS[1] }], disabled: { reason: 'manual' } });
  });
  it.each([
    ['ftp://example.com', 'url'],
    ['https://user:pass@example.com', 'url'],
    ['nonsense', 'url'],
  ])('refuse the URL %s', async (bad, path) =>
    expect(await refusal(create({ url: bad }))).toEqual({ code: 'WB_SCHEMA_VIOLATION', paths: [path] }),
  );
  it('ask the policy on addresses', async () => {
    expect((await refusal(create({ url: 'http://forbidden.test/' }))).code).toBe('WB_EGRESS_DENIED');
    await create({ url });
    expect((await refusal(patchEndpoint(endpointPorts, 'acme', 'ep_new', { url: 'http://forbidden.test/' }))).code).toBe(
      'WB_EGRESS_DENIED',
    );
  });
  it.each([
    [{ 'Webhook-Id': 'x' }, 'headers.Webhook-Id'],
    [{ Host: 'x' }, 'headers.Host'],
    [{ 'bad name': 'x' }, 'headers.bad name'],
    [{ good: 'a\r\nb: c' }, 'headers.good'],
  ])('refuse the headers %j', async (headers, path) => expect((await refusal(create({ url, headers }))).paths).toEqual([path]));
  it('name every field that does not fit', async () =>
    expect((await refusal(create({ eventTypes: ['a..b'], rateLimit: -1, secret: 'x', oops: 1 }))).paths.toSorted()).toEqual([
      'eventTypes.0',
      'oops',
      'rateLimit',
      'secret',
      'url',
    ]));
  it('need a tenant', async () => expect((await refusal(createEndpoint(endpointPorts, 'nobody', { url }))).code).toBe('WB_TENANT_UNKNOWN'));

  it('are changed field by field, and null removes', async () => {
    await create({ url, rateLimit: 5, region: 'eu' });
    nowMs += 1000;
    const view = await patchEndpoint(endpointPorts, 'acme', 'ep_new', { rateLimit: null, eventTypes: ['order.*'] });
    expect(view).toMatchObject({ url, region: 'eu', eventTypes: ['order.*'], updatedAt: new Date(nowMs).toISOString() });
    expect(view).not.toHaveProperty('rateLimit');
    expect(endpoints.get('acme.ep_new')?.secrets).toHaveLength(1);
  });
  it('are paused and taken up again', async () => {
    await create({ url });
    expect(await patchEndpoint(endpointPorts, 'acme', 'ep_new', { disabled: true })).toMatchObject({ disabled: { reason: 'manual' } });
    expect(await patchEndpoint(endpointPorts, 'acme', 'ep_new', { disabled: false })).not.toHaveProperty('disabled');
  });
  it('are gone after delete', async () => {
    await create({ url });
    await deleteEndpoint(endpointPorts, 'acme', 'ep_new');
    expect((await refusal(deleteEndpoint(endpointPorts, 'acme', 'ep_new'))).code).toBe('WB_ENDPOINT_UNKNOWN');
  });

  it('rotate their secret with overlap', async () => {
    await create({ url });
    const rotate = (body: unknown) => rotateSecret(endpointPorts, 'acme', 'ep_new', body);
    const kept = () => endpoints.get('acme.ep_new')?.secrets.map(({ key, expiresAt }) => [key, expiresAt && Date.parse(expiresAt) - nowMs]);
    expect(await rotate({ secret: SECRETS[1] })).toEqual({ key: SECRETS[1] });
    expect(kept()).toEqual([
      [SECRETS[1], undefined],
      [SECRETS[0], 86_400_000],
    ]);
    nowMs += 1000;
    await rotate({ secret: SECRETS[2], overlapSeconds: 60 });
    expect(kept()).toEqual([
      [SECRETS[2], undefined],
      [SECRETS[1], 60_000],
      [SECRETS[0], 86_399_000],
    ]);
    nowMs += 100_000_000;
    await rotate({ secret: SECRETS[1], overlapSeconds: 0 });
    expect(kept()).toEqual([[SECRETS[1], undefined]]);
  });
});

describe('sources', () => {
  const verification = { kind: 'hmac', secret: 'hush', previousSecrets: ['old-hush'], header: 'X-Sig' };
  const body = { id: 'shop', tenantId: 'acme', verification };

  it('are shown without their secrets', async () => {
    const { source, created } = await createSource(sourcePorts, body);
    expect(created).toBe(true);
    expect(source).toMatchObject({ id: 'shop', verification: { kind: 'hmac', header: 'X-Sig', algorithm: 'sha256' } });
    expect(JSON.stringify(source)).not.toContain('hush');
    expect(sources.get('shop')).toMatchObject({ verification: { secret: 'hush' } });
  });
  it('may be created again with the same content', async () => {
    await createSource(sourcePorts, body);
    nowMs += 1000;
    expect(await createSource(sourcePorts, body)).toMatchObject({ created: false });
  });
  it('are not verified by "none" unless that is allowed', async () => {
    const open = { ...body, verification: { kind: 'none' } };
    expect((await refusal(createSource(sourcePorts, open))).code).toBe('WB_VERIFICATION_NONE_REFUSED');
    expect((await refusal(putSource(sourcePorts, 'shop', open))).code).toBe('WB_VERIFICATION_NONE_REFUSED');
    await createSource(sourcePorts, body);
    expect((await refusal(patchSource(sourcePorts, 'shop', { verification: { kind: 'none' } }))).code).toBe('WB_VERIFICATION_NONE_REFUSED');
    expect(await createSource({ ...sourcePorts, allowUnverified: true }, { ...open, id: 'open' })).toMatchObject({ created: true });
  });
  it('must sign the body', async () => {
    const bodyless = { ...verification, timestamp: { parameter: 't', signedContent: '{timestamp}' } };
    expect(await refusal(createSource(sourcePorts, { ...body, verification: bodyless }))).toEqual({
      code: 'WB_SCHEMA_VIOLATION',
      paths: ['verification.timestamp.signedContent'],
    });
  });
  it('need a tenant', async () =>
    expect((await refusal(createSource(sourcePorts, { ...body, tenantId: 'nobody' }))).code).toBe('WB_TENANT_UNKNOWN'));
  it('are replaced as a whole by PUT, changed by PATCH', async () => {
    expect(await putSource(sourcePorts, 'shop', { ...body, name: 'N' })).toMatchObject({ created: true });
    const { id: _id, ...withoutId } = body;
    expect((await putSource(sourcePorts, 'shop', withoutId)).source).not.toHaveProperty('name');
    expect(await patchSource(sourcePorts, 'shop', { name: 'M', eventType: { fixed: 'a.b' } })).toMatchObject({ name: 'M' });
    expect(sources.get('shop')).toMatchObject({ verification: { secret: 'hush' }, eventType: { fixed: 'a.b' } });
    expect(await patchSource(sourcePorts, 'shop', { eventType: null })).not.toHaveProperty('eventType');
    expect((await refusal(putSource(sourcePorts, 'other', body))).code).toBe('WB_CONFLICT');
  });
  it('are gone after delete', async () => {
    await createSource(sourcePorts, body);
    await deleteSource(sourcePorts, 'shop');
    expect((await refusal(deleteSource(sourcePorts, 'shop'))).code).toBe('WB_SOURCE_UNKNOWN');
  });
});
