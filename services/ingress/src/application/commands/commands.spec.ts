import { beforeEach, describe, expect, it } from 'vitest';
import { createEndpoint, deleteEndpoint, patchEndpoint, requireEndpoint, rotateSecret, secretOf } from './endpoints.ts';
import { fakeRegistry, refusal, SECRETS } from './fake-registry.fixture.ts';
import { createSource, deleteSource, patchSource, putSource } from './sources.ts';
import { putTenant } from './tenants.ts';

let registry: Awaited<ReturnType<typeof fakeRegistry>>;
beforeEach(async () => {
  registry = await fakeRegistry();
});

describe('tenants', () => {
  it('are created once and replaced afterwards', async () => {
    expect(await putTenant(registry.tenantPorts, 'new', { name: 'N' })).toMatchObject({ created: true, tenant: { id: 'new', name: 'N' } });
    const { createdAt } = registry.tenants.get('new') ?? {};
    registry.clock.nowMs += 1000;
    expect(await putTenant(registry.tenantPorts, 'new', {})).toMatchObject({ created: false, tenant: { createdAt } });
    expect(registry.tenants.get('new')).not.toHaveProperty('name');
  });
  it('need a plain id and known fields', async () => {
    expect(await refusal(putTenant(registry.tenantPorts, 'a.b', {}))).toEqual({ code: 'WB_SCHEMA_VIOLATION', paths: ['tenantId'] });
    expect(await refusal(putTenant(registry.tenantPorts, 'ab', { nmae: 1 }))).toEqual({ code: 'WB_SCHEMA_VIOLATION', paths: ['nmae'] });
  });
});

describe('endpoints', () => {
  const create = (body: unknown) => createEndpoint(registry.endpointPorts, 'acme', body);
  const url = 'https://example.com/hook';

  it('are shown without their secrets', async () => {
    const view = await create({ url });
    expect(view).toMatchObject({ id: 'ep_new', tenantId: 'acme', url, eventTypes: ['*'] });
    expect(JSON.stringify(view)).not.toContain('whsec');
    expect(secretOf(requireEndpoint(registry.endpointPorts, 'acme', 'ep_new'))).toEqual({ key: SECRETS[0] });
  });
  it('take an id and a secret of the caller', async () => {
    await create({ url, id: 'mine', secret: SECRETS[1], disabled: true });
    expect(registry.endpoints.get('acme.mine')).toMatchObject({ secrets: [{ key: SECRETS[1] }], disabled: { reason: 'manual' } });
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
    expect((await refusal(patchEndpoint(registry.endpointPorts, 'acme', 'ep_new', { url: 'http://forbidden.test/' }))).code).toBe(
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
  it('need a tenant', async () =>
    expect((await refusal(createEndpoint(registry.endpointPorts, 'nobody', { url }))).code).toBe('WB_TENANT_UNKNOWN'));

  it('are changed field by field, and null removes', async () => {
    await create({ url, rateLimit: 5, region: 'eu' });
    registry.clock.nowMs += 1000;
    const view = await patchEndpoint(registry.endpointPorts, 'acme', 'ep_new', { rateLimit: null, eventTypes: ['order.*'] });
    expect(view).toMatchObject({ url, region: 'eu', eventTypes: ['order.*'], updatedAt: new Date(registry.clock.nowMs).toISOString() });
    expect(view).not.toHaveProperty('rateLimit');
    expect(registry.endpoints.get('acme.ep_new')?.secrets).toHaveLength(1);
  });
  it('are told where they stand in a trace when they ask for it', async () => {
    expect(await create({ url, traceContext: true })).toMatchObject({ traceContext: true });
    expect(await patchEndpoint(registry.endpointPorts, 'acme', 'ep_new', { traceContext: null })).not.toHaveProperty('traceContext');
  });
  it('take events in order when they ask for it', async () => {
    expect(await create({ url, ordering: 'fifo' })).toMatchObject({ ordering: 'fifo' });
    expect(await patchEndpoint(registry.endpointPorts, 'acme', 'ep_new', { ordering: null })).not.toHaveProperty('ordering');
    expect((await refusal(create({ url, id: 'b', ordering: 'lifo' }))).paths).toEqual(['ordering']);
  });
  it('are paused and taken up again', async () => {
    await create({ url });
    expect(await patchEndpoint(registry.endpointPorts, 'acme', 'ep_new', { disabled: true })).toMatchObject({
      disabled: { reason: 'manual' },
    });
    expect(await patchEndpoint(registry.endpointPorts, 'acme', 'ep_new', { disabled: false })).not.toHaveProperty('disabled');
  });
  it('are gone after delete', async () => {
    await create({ url });
    await deleteEndpoint(registry.endpointPorts, 'acme', 'ep_new');
    expect((await refusal(deleteEndpoint(registry.endpointPorts, 'acme', 'ep_new'))).code).toBe('WB_ENDPOINT_UNKNOWN');
  });

  it('rotate their secret with overlap', async () => {
    await create({ url });
    const rotate = (body: unknown) => rotateSecret(registry.endpointPorts, 'acme', 'ep_new', body);
    const kept = () =>
      registry.endpoints
        .get('acme.ep_new')
        ?.secrets.map(({ key, expiresAt }) => [key, expiresAt && Date.parse(expiresAt) - registry.clock.nowMs]);
    expect(await rotate({ secret: SECRETS[1] })).toEqual({ key: SECRETS[1] });
    expect(kept()).toEqual([
      [SECRETS[1], undefined],
      [SECRETS[0], 86_400_000],
    ]);
    registry.clock.nowMs += 1000;
    await rotate({ secret: SECRETS[2], overlapSeconds: 60 });
    expect(kept()).toEqual([
      [SECRETS[2], undefined],
      [SECRETS[1], 60_000],
      [SECRETS[0], 86_399_000],
    ]);
    registry.clock.nowMs += 100_000_000;
    await rotate({ secret: SECRETS[1], overlapSeconds: 0 });
    expect(kept()).toEqual([[SECRETS[1], undefined]]);
  });
});

describe('sources', () => {
  const verification = { kind: 'hmac', secret: 'hush', previousSecrets: ['old-hush'], header: 'X-Sig' };
  const body = { id: 'shop', tenantId: 'acme', verification };

  it('are shown without their secrets', async () => {
    const { source, created } = await createSource(registry.sourcePorts, body);
    expect(created).toBe(true);
    expect(source).toMatchObject({ id: 'shop', verification: { kind: 'hmac', header: 'X-Sig', algorithm: 'sha256' } });
    expect(JSON.stringify(source)).not.toContain('hush');
    expect(registry.sources.get('shop')).toMatchObject({ verification: { secret: 'hush' } });
  });
  it('may be created again with the same content', async () => {
    await createSource(registry.sourcePorts, body);
    registry.clock.nowMs += 1000;
    expect(await createSource(registry.sourcePorts, body)).toMatchObject({ created: false });
  });
  it('are not verified by "none" unless that is allowed', async () => {
    const open = { ...body, verification: { kind: 'none' } };
    expect((await refusal(createSource(registry.sourcePorts, open))).code).toBe('WB_VERIFICATION_NONE_REFUSED');
    expect((await refusal(putSource(registry.sourcePorts, 'shop', open))).code).toBe('WB_VERIFICATION_NONE_REFUSED');
    await createSource(registry.sourcePorts, body);
    expect((await refusal(patchSource(registry.sourcePorts, 'shop', { verification: { kind: 'none' } }))).code).toBe(
      'WB_VERIFICATION_NONE_REFUSED',
    );
    expect(await createSource({ ...registry.sourcePorts, allowUnverified: true }, { ...open, id: 'open' })).toMatchObject({
      created: true,
    });
  });
  it('must sign the body', async () => {
    const bodyless = { ...verification, timestamp: { parameter: 't', signedContent: '{timestamp}' } };
    expect(await refusal(createSource(registry.sourcePorts, { ...body, verification: bodyless }))).toEqual({
      code: 'WB_SCHEMA_VIOLATION',
      paths: ['verification.timestamp.signedContent'],
    });
  });
  it('need a tenant', async () =>
    expect((await refusal(createSource(registry.sourcePorts, { ...body, tenantId: 'nobody' }))).code).toBe('WB_TENANT_UNKNOWN'));
  it('are replaced as a whole by PUT, changed by PATCH', async () => {
    expect(await putSource(registry.sourcePorts, 'shop', { ...body, name: 'N' })).toMatchObject({ created: true });
    const { id: _id, ...withoutId } = body;
    expect((await putSource(registry.sourcePorts, 'shop', withoutId)).source).not.toHaveProperty('name');
    expect(await patchSource(registry.sourcePorts, 'shop', { name: 'M', eventType: { fixed: 'a.b' } })).toMatchObject({ name: 'M' });
    expect(registry.sources.get('shop')).toMatchObject({ verification: { secret: 'hush' }, eventType: { fixed: 'a.b' } });
    expect(await patchSource(registry.sourcePorts, 'shop', { eventType: null })).not.toHaveProperty('eventType');
    expect((await refusal(putSource(registry.sourcePorts, 'other', body))).code).toBe('WB_CONFLICT');
  });
  it('are gone after delete', async () => {
    await createSource(registry.sourcePorts, body);
    await deleteSource(registry.sourcePorts, 'shop');
    expect((await refusal(deleteSource(registry.sourcePorts, 'shop'))).code).toBe('WB_SOURCE_UNKNOWN');
  });
});
