import type { EndpointId } from '@waybill/contracts';
import { testLogger } from '@waybill/testkit';
import { describe, expect, it, vi } from 'vitest';
import { explainRoutes } from './explain-routes.ts';

const why = (endpointId: string, unknownRegion?: string) => ({
  eventId: 'evt_1',
  correlationId: 'evt_1',
  routes: [{ endpointId: endpointId as EndpointId, wanted: 'us', region: 'us', because: 'wanted', unknownRegion } as const],
});

describe('explaining routes', () => {
  it('warns once for each endpoint whose region is not declared', () => {
    const logger = testLogger();
    const warn = vi.spyOn(logger, 'warn');
    const explain = explainRoutes(logger);
    for (const one of [why('a'), why('b', 'mars'), why('b', 'mars'), why('c', 'mars')]) explain(one);
    expect(warn.mock.calls.map(([fields]) => fields)).toMatchObject([
      { endpointId: 'b', unknownRegion: 'mars', wanted: 'us' },
      { endpointId: 'c', unknownRegion: 'mars', wanted: 'us' },
    ]);
  });
});
