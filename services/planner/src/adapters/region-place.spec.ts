import { describe, expect, it } from 'vitest';
import { regionPlace, routingOf } from './region-place.ts';

const entry = (id: string, priority: number): object => ({
  id,
  region: id,
  host: `nats://${id}:4222`,
  key: 'token',
  webhook_url: `https://hooks.test/${id}`,
  priority,
});
const REGIONS_CONFIG = JSON.stringify([entry('us', 2), entry('eu', 1)]);

describe('the place of a planner', () => {
  it('is alone with the variables of before', () => {
    const place = regionPlace({ REGION_HOST: 'nats://old:4222', REGION: 'us' });
    expect(place).toMatchObject({ region: 'us', others: [], settings: { own: 'us', known: new Set(['us']), withDefault: new Set() } });
    expect(routingOf(place, undefined)()).toEqual({ order: ['us'], states: new Map(), spilling: new Set() });
    expect(regionPlace({}).region).toBe('local');
  });

  it('is the only declared region, which may have a default endpoint', () => {
    const place = regionPlace({ REGIONS_CONFIG: JSON.stringify([entry('us', 1)]) });
    expect(place).toMatchObject({ region: 'us', others: [], settings: { withDefault: new Set(['us']) } });
    expect(place.settings.everythingIn).toBeUndefined();
  });

  it('is among others', () => {
    const place = regionPlace({ REGIONS_CONFIG, REGION: 'us' });
    expect(place).toMatchObject({
      region: 'us',
      others: ['eu'],
      settings: { known: new Set(['eu', 'us']), withDefault: new Set(['us', 'eu']) },
    });
    expect(place.settings.everythingIn).toBeUndefined();
  });

  it('sends everything to the primary region when several are switched off', () => {
    const place = regionPlace({ REGIONS_CONFIG, REGION: 'us', MULTI_REGION_ENABLED: 'false' });
    expect(place).toMatchObject({ others: ['eu'], settings: { everythingIn: 'eu' } });
  });

  it('must be said where there are several', () => {
    expect(() => regionPlace({ REGIONS_CONFIG })).toThrow('REGION: not set; a planner belongs to one region: eu, us');
  });
});
