import { isWaybillError } from '@waybill/contracts';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { credentialOf } from './region-config.ts';
import { getMultiRegion, getRegionConfigs } from './regions-config.ts';

const declare = (id: string): string =>
  JSON.stringify([{ id, host: 'nats://x:4222', region: id, key: 'k', webhook_url: 'https://hooks.example.com' }]);

afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
});

describe('the regions of a process', () => {
  it('are read once, when they are first needed', async () => {
    const fresh = await import('./regions-config.ts');
    vi.stubEnv('REGIONS_CONFIG', declare('us'));
    const [first] = [fresh.getRegionConfigs()];
    vi.stubEnv('REGIONS_CONFIG', declare('eu'));
    expect(first.map(({ id }) => id)).toEqual(['us']);
    expect(fresh.getRegionConfigs()).toBe(first);
    expect(fresh.getMultiRegion().primaryRegion).toBe('us');
  });

  it('are not kept when the environment is passed in', () => {
    expect(getRegionConfigs({ REGIONS_CONFIG: declare('us') }).map(({ id }) => id)).toEqual(['us']);
    expect(getMultiRegion({ REGIONS_CONFIG: declare('eu') }).primaryRegion).toBe('eu');
    expect(getRegionConfigs({})).toEqual([]);
  });

  it('are refused with a line for every problem, those with the flags included', () => {
    const env = { REGIONS_CONFIG: '[7, 8]', FAILOVER_ENABLED: 'perhaps' };
    for (const get of [getRegionConfigs, getMultiRegion]) {
      const refusal = refusalOf(() => get(env));
      expect(isWaybillError(refusal) && refusal.code).toBe('WB_CONFIG_INVALID');
      expect(refusal.message.split('\n')).toEqual([
        expect.stringContaining('entry 1: not a mapping'),
        expect.stringContaining('entry 2: not a mapping'),
        expect.stringContaining('FAILOVER_ENABLED'),
      ]);
    }
  });
});

describe('the keys of the regions', () => {
  const REGIONS_CONFIG = JSON.stringify(
    ['us', 'eu', 'ap'].map((id) => ({
      id,
      host: 'nats://x:4222',
      region: id,
      key: `env:${id.toUpperCase()}_KEY`,
      webhook_url: 'https://hooks.example.com',
    })),
  );
  const keysOf = (env: NodeJS.ProcessEnv) => Object.fromEntries(getRegionConfigs(env).map(({ id, key }) => [id, key]));
  const elsewhere = (position: number, id: string) => ({
    reference: `env:${id.toUpperCase()}_KEY`,
    declaredAt: `REGIONS_CONFIG, entry ${position} (${id})`,
  });

  it.each([
    [
      { REGION: 'us', US_KEY: 'k' },
      { us: 'k', eu: elsewhere(2, 'eu'), ap: elsewhere(3, 'ap') },
    ],
    [
      { DISPATCHER_REGIONS: 'eu, ap', EU_KEY: 'e', AP_KEY: 'a' },
      { us: elsewhere(1, 'us'), eu: 'e', ap: 'a' },
    ],
    [
      { REGION: 'us', DISPATCHER_REGIONS: 'eu', US_KEY: 'u', EU_KEY: 'e', AP_KEY: 'a' },
      { us: 'u', eu: 'e', ap: elsewhere(3, 'ap') },
    ],
    [
      { US_KEY: 'u', EU_KEY: 'e', AP_KEY: 'a' },
      { us: 'u', eu: 'e', ap: 'a' },
    ],
  ])('are looked up where the process connects: %j', (env, keys) => {
    expect(keysOf({ REGIONS_CONFIG, ...env })).toEqual(keys);
  });

  it('are demanded of the own regions, and checked for their form in the others', () => {
    const refusal = refusalOf(() => getRegionConfigs({ REGIONS_CONFIG: REGIONS_CONFIG.replace('env:AP_KEY', 'env:'), REGION: 'us' }));
    expect(refusal.message.split('\n')).toEqual([
      'REGIONS_CONFIG, entry 1 (us), key: the variable US_KEY is not set; set it, or refer to another one',
      'REGIONS_CONFIG, entry 3 (ap), key: env: is not followed by the name of a variable; write env:NAME',
    ]);
  });

  it('are looked up later when they are needed after all, or refused with their place', () => {
    const eu = getRegionConfigs({ REGIONS_CONFIG, REGION: 'us', US_KEY: 'k' }).find(({ id }) => id === 'eu');
    expect(eu && credentialOf(eu, { EU_KEY: 'waybill:later' })).toEqual({ user: 'waybill', password: 'later' });
    const refusal = refusalOf(() => eu && credentialOf(eu, {}));
    expect(isWaybillError(refusal) && refusal.code).toBe('WB_CONFIG_INVALID');
    expect(refusal.message).toContain('REGIONS_CONFIG, entry 2 (eu), key: the variable EU_KEY is not set; set it, or refer to another one');
  });
});

function refusalOf(get: () => unknown): Error {
  try {
    get();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('nothing was refused');
}

describe('a credential', () => {
  it.each([
    [{ key: '' }, {}],
    [{ key: 'token' }, { token: 'token' }],
    [{ key: ':token' }, { token: ':token' }],
    [{ key: 'user:pass:word' }, { user: 'user', password: 'pass:word' }],
    [
      { key: 'pass:word', user: 'user' },
      { user: 'user', password: 'pass:word' },
    ],
    [
      { key: '', user: 'user' },
      { user: 'user', password: '' },
    ],
  ])('of %j is %j', (config, expected) => {
    expect(credentialOf(config)).toEqual(expected);
  });
});
