import { githubEndpointId, type EndpointId, placementSchema, type TenantId } from '@waybill/contracts';
import { describe, expect, it } from 'vitest';
import { Responsibility } from './responsibility.ts';

const tenantId = 'gh-acme' as TenantId;

/** `region` asks whether it stands in for us, whose tenant wants `failover` to. */
const responsibility = (region: string, failover: string[]) =>
  new Responsibility({
    region,
    of: 'us',
    routing: () => ({ order: ['us', 'eu', 'ap'], states: new Map([['us', { state: 'failed', share: 0 }]]), spilling: new Set() }),
    registry: { atLeast: async () => true, placementOf: () => placementSchema.parse({ home: 'us', failover }), isKnown: () => true },
  });

describe('who stands in', () => {
  it('is for a tenant’s webhooks whom the tenant names, and for workflow dispatches the next region, whatever the tenant says', () => {
    const stands = (region: string, failover: string[]) =>
      (['ep_1' as EndpointId, githubEndpointId('acme', 'app', 'cd.yml')] as const).map((endpointId) =>
        responsibility(region, failover).standsInFor({ tenantId, endpointId }),
      );
    expect([stands('eu', ['ap']), stands('ap', ['ap'])]).toEqual([
      [false, true],
      [true, false],
    ]);
    expect([stands('eu', []), stands('ap', [])]).toEqual([
      [false, true],
      [false, false],
    ]);
  });
});
