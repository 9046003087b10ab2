import { expect, it } from 'vitest';
import { HashedTenants, hashedTenant } from './hashed-tenants.ts';
import { NO_TRACING, type SpanRecord, type Tracing } from './tracing.ts';

it('puts a hash in the place of the tenant, and leaves all else as it is', async () => {
  const spans: SpanRecord[] = [];
  const inner: Tracing = {
    isOn: true,
    begin: () => place,
    join: () => place,
    childOf: (of) => of,
    close: () => NO_TRACING.close(),
    record: (span) => void spans.push(span),
  };
  const place = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };
  const tracing = new HashedTenants(inner);
  const span = { name: 'x', kind: 'server', context: place, startMs: 1, endMs: 2 } as const;
  tracing.record({ ...span, attributes: { 'waybill.tenant.id': 'acme', 'waybill.event.id': 'evt_1' } });
  tracing.record(span);
  expect(spans).toMatchObject([{ ...span, attributes: { 'waybill.tenant.id': hashedTenant('acme'), 'waybill.event.id': 'evt_1' } }, span]);
  expect(JSON.stringify(spans)).not.toContain('acme');
  expect(hashedTenant('acme')).toMatch(/^[0-9a-f]{16}$/);
  expect([tracing.begin('a'), tracing.join(place), tracing.childOf(undefined)]).toEqual([place, place, undefined]);
  await tracing.close();
});
