import { defaultEndpointId, type TenantId } from '@waybill/contracts';
import { expect, it } from 'vitest';
import { defaultEndpoint, defaultEndpointSecret } from './default-endpoint.ts';

const target = { region: 'us-central1', url: 'https://hooks.example.com/events', regionKey: 'dispatcher:secret' };

it('makes an endpoint of a region’s webhook_url', () => {
  expect(defaultEndpoint(target, 'acme' as TenantId)).toMatchObject({
    id: defaultEndpointId('us-central1'),
    tenantId: 'acme',
    url: target.url,
    eventTypes: ['*'],
    secrets: [{ key: defaultEndpointSecret(target) }],
  });
});

it('derives another secret for each region and key, always the same', () => {
  // printf 'waybill webhook_url us-central1' | openssl dgst -sha256 -hmac 'dispatcher:secret' -binary | base64
  expect(defaultEndpointSecret(target)).toBe('whsec_QV9yLv1AjdwGuky9XCQTIftK7xYLHg44EyRoBJRHmM4=');
  const others = [defaultEndpointSecret({ ...target, region: 'eu' }), defaultEndpointSecret({ ...target, regionKey: 'other' })];
  expect(new Set([defaultEndpointSecret(target), ...others]).size).toBe(3);
});
