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
