import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { eventRequests } from './event-request.ts';

const wanted = {
  adminKey: 'key',
  tenant: 'acme',
  source: 'shop',
  secret: `whsec_${Buffer.alloc(24, 7).toString('base64')}`,
  payloadBytes: 300,
  eventTypes: 3,
  run: 'r1',
} as const;

describe('requests of the load generator', () => {
  it('are webhooks that the reference library verifies', () => {
    const { body, headers, path } = eventRequests({ ...wanted, via: 'webhook' })(4, Date.now());
    expect(path).toBe('/webhooks/shop');
    expect(new Webhook(wanted.secret).verify(body, headers as Record<string, string>)).toMatchObject({
      type: 'bench.t1',
      data: { order: { id: 4 } },
    });
  });

  it('are API calls with a key of their own', () => {
    const request = eventRequests({ ...wanted, via: 'api' })(4, 0);
    expect(request).toMatchObject({ path: '/v1/tenants/acme/events', headers: { authorization: 'Bearer key', 'idempotency-key': 'r1_4' } });
    expect(JSON.parse(request.body)).toMatchObject({ eventType: 'bench.t1', data: { order: { id: 4 } } });
  });

  it('take turns when both are wanted', () => {
    const both = eventRequests({ ...wanted, via: 'both' });
    expect([0, 1, 2].map((n) => both(n, 0).path.split('/')[1])).toEqual(['webhooks', 'v1', 'webhooks']);
  });

  it('have data of the size asked for', () => {
    const { body } = eventRequests({ ...wanted, via: 'api' })(4, 0);
    expect(JSON.stringify((JSON.parse(body) as { data: unknown }).data).length).toBe(300);
  });
});
