import { type RouteRecord, type Source, sourceSchema, type Tenant, tenantSchema } from '@waybill/contracts';
import { beforeEach, expect, it } from 'vitest';
import { Residency } from '../application/residency.ts';
import { type RegistryAccess, sourcePorts, tenantPorts } from './registry-ports.ts';

let calls: string[];
let routes: Map<string, RouteRecord>;
let isCutOff: boolean;
let access: RegistryAccess;

const at = '2026-01-01T00:00:00.000Z';
const tenant = (id: string, placement?: object): Tenant => tenantSchema.parse({ id, placement, createdAt: at, updatedAt: at });
const strict = tenant('strict', { home: 'us', residency: 'strict' });
const open = tenant('open');
const source = (tenantId: string): Source =>
  sourceSchema.parse({ id: 'shop', tenantId, verification: { kind: 'none' }, createdAt: at, updatedAt: at });

const routeTo = (kind: RouteRecord['kind'], id: string): void => {
  routes.set(`${kind}.${id}`, { kind, id, home: 'us', updatedAt: at });
};
const note = async (call: string): Promise<number> => {
  if (isCutOff && !call.includes('route')) throw new Error('the process dies here');
  return calls.push(call);
};

beforeEach(() => {
  calls = [];
  routes = new Map();
  isCutOff = false;
  const find = (id: string): Tenant | undefined => [strict, open].find((one) => one.id === id);
  const route = (kind: RouteRecord['kind'], id: string): RouteRecord | undefined => routes.get(`${kind}.${id}`);
  access = {
    view: { tenant: find, source: () => undefined, endpoint: () => undefined, route, pauses: () => [] },
    writer: {
      create: (kind, path, _record, options) => note(`create ${[kind, ...path].join('.')} ${options?.scope}`),
      put: (kind, path, _record, options) => note(`put ${[kind, ...path].join('.')} ${options?.scope}`),
      update: () => note('update'),
      remove: async (kind, path) => void (await note(`remove ${[kind, ...path].join('.')}`)),
    },
    residency: new Residency({ region: 'us', route, tenant: find }),
    region: 'us',
    regions: ['us', 'eu'],
    nowMs: () => 0,
  };
});

it('tells the other regions of a strict tenant before it keeps it, and once', async () => {
  isCutOff = true;
  await expect(tenantPorts(access).save(strict)).rejects.toThrow('dies here');
  expect(calls).toEqual(['put route.tenant.strict g']);
  isCutOff = false;
  routeTo('tenant', 'strict');
  await tenantPorts(access).save(strict);
  expect(calls).toEqual(['put route.tenant.strict g', 'put tenant.strict l']);
});

it('takes a route back that an attempt to make a strict tenant has left', async () => {
  routeTo('tenant', 'open');
  await tenantPorts(access).save(open);
  expect(calls).toEqual(['put tenant.open g', 'remove route.tenant.open']);
});

it('keeps the sources of a strict tenant in the same way', async () => {
  await sourcePorts(access, true).create(source('strict'));
  await sourcePorts(access, true).save(source('open'));
  expect(calls).toEqual(['put route.source.shop g', 'create source.shop l', 'put source.shop g']);
});

it('removes a source before its route', async () => {
  routeTo('source', 'shop');
  isCutOff = true;
  await expect(sourcePorts(access, true).remove('shop')).rejects.toThrow('dies here');
  expect(calls).toEqual([]);
  isCutOff = false;
  await sourcePorts(access, true).remove('shop');
  expect(calls).toEqual(['remove source.shop', 'remove route.source.shop']);
});
