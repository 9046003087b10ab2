import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { containing } from '../testing/matchers.ts';
import { cachedBinary, defaultCacheDir } from '../cache.ts';
import { fakeServer, openSandbox } from '../testing/sandbox.ts';
import { fromCache } from './from-cache.ts';

describe('the way cache', () => {
  it('takes what an earlier search left', async () => {
    const { search } = openSandbox();
    const binary = fakeServer(dirname(cachedBinary(search)), '2.15.1');
    expect(await fromCache.find(search)).toEqual({ kind: 'found', binary, version: '2.15.1' });
  });

  it('passes over nothing, an old server, and one for another machine', async () => {
    const { search } = openSandbox();
    expect(await fromCache.find(search)).toMatchObject({ kind: 'missed', reason: containing('does not exist') });
    fakeServer(dirname(cachedBinary(search)), '2.14.5');
    expect(await fromCache.find(search)).toMatchObject({ kind: 'missed', reason: containing('is version 2.14.5') });
    expect(await fromCache.find({ ...search, platform: { os: 'linux', arch: 'arm64' } })).toMatchObject({ kind: 'missed' });
  });
});

describe('the cache folder', () => {
  it('is WAYBILL_CACHE, else of XDG_CACHE_HOME, else of the home folder', () => {
    expect(defaultCacheDir({ WAYBILL_CACHE: '/c', XDG_CACHE_HOME: '/x' })).toBe('/c');
    expect(defaultCacheDir({ XDG_CACHE_HOME: '/x' })).toBe(join('/x', 'waybill'));
    expect(defaultCacheDir({})).toBe(join(homedir(), '.cache', 'waybill'));
  });
});
