import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { containing } from './testing/matchers.ts';
import { cachedBinary } from './cache.ts';
import { findNatsServer, WAYS } from './find.ts';
import { NatsServerNotFound } from './not-found.ts';
import type { Way, WayName, WayResult } from './search.ts';
import { missed } from './search.ts';
import { buildArchive, serve } from './testing/archive-server.ts';
import { fakeServer, openSandbox, printsVersion, type Sandbox, script } from './testing/sandbox.ts';

const order: WayName[] = ['NATS_SERVER_BIN', 'PATH', 'cache', 'release archive', 'Debian package', 'go install'];
const stem = 'nats-server-v2.15.1-linux-amd64';

/** Ways that note when they are tried and answer as told; `missed` when nothing is said. */
function playedWays(answers: Partial<Record<WayName, WayResult>>): { ways: Way[]; tried: WayName[] } {
  const tried: WayName[] = [];
  const ways = WAYS.map(({ name }) => ({
    name,
    find: async () => {
      tried.push(name);
      return answers[name] ?? missed(`no ${name}`);
    },
  }));
  return { ways, tried };
}

async function failureOf(search: Promise<unknown>): Promise<Error> {
  return search.then(
    () => expect.fail('a server was found'),
    (error: unknown) => (error instanceof Error ? error : expect.fail('not an error')),
  );
}

/** Gives the sandbox a release server whose archive is the pinned one. */
async function withRelease(sandbox: Sandbox): Promise<Record<string, string>> {
  await sandbox.withTools('tar', 'gzip');
  const { bytes, sha256 } = buildArchive(stem, printsVersion('2.15.1'));
  const { base } = await serve({ [`/v2.15.1/${stem}.tar.gz`]: (response) => response.end(bytes) });
  return { ...sandbox.options.env, NATS_SERVER_DOWNLOAD_BASE: base, NATS_SERVER_SHA256: sha256 };
}

describe('the order of the search', () => {
  it('is environment, PATH, cache, release, Debian, Go', async () => {
    const { ways, tried } = playedWays({});
    await expect(findNatsServer({ ways })).rejects.toThrow(NatsServerNotFound);
    expect(tried).toEqual(order);
  });

  it.each(order)('ends with the first that finds one: %s', async (name) => {
    const { ways, tried } = playedWays({ [name]: { kind: 'found', binary: '/b', version: '2.15.1' } });
    expect(await findNatsServer({ ways })).toEqual({ binary: '/b', version: '2.15.1', way: name });
    expect(tried).toEqual(order.slice(0, order.indexOf(name) + 1));
  });

  it('holds for the real ways: each is used only when those before it fail', async () => {
    const sandbox = openSandbox();
    const env: Record<string, string> = await withRelease(sandbox);
    const way = async (extra: Record<string, string> = {}) => (await findNatsServer({ ...sandbox.options, env: { ...env, ...extra } })).way;
    expect(await way()).toBe('release archive');
    expect(await way()).toBe('cache');
    const onPath = fakeServer(sandbox.bin, '2.15.0');
    expect(await way()).toBe('PATH');
    expect(await way({ NATS_SERVER_BIN: onPath })).toBe('NATS_SERVER_BIN');
    fakeServer(sandbox.bin, '2.9.0');
    expect(await way()).toBe('cache');
  });

  it('replaces a cached server that has become too old', async () => {
    const sandbox = openSandbox();
    fakeServer(dirname(cachedBinary(sandbox.search)), '2.14.0');
    const found = await findNatsServer({ ...sandbox.options, env: await withRelease(sandbox) });
    expect(found).toEqual({ binary: cachedBinary(sandbox.search), version: '2.15.1', way: 'release archive' });
  });
});

describe('a search that fails', () => {
  it('stops at an unusable NATS_SERVER_BIN and names its version', async () => {
    const sandbox = openSandbox();
    const binary = fakeServer(join(sandbox.bin, 'old'), '2.10.27');
    fakeServer(sandbox.bin, '2.15.1');
    const error = await failureOf(findNatsServer({ ...sandbox.options, env: { ...sandbox.options.env, NATS_SERVER_BIN: binary } }));
    expect(error).toMatchObject({
      name: 'NatsServerRefused',
      message: containing(`NATS_SERVER_BIN cannot be used: ${binary} is version 2.10.27`),
    });
  });

  it('tells the reason of every way, and the three things a person can do', async () => {
    const sandbox = openSandbox();
    fakeServer(sandbox.bin, '2.9.10');
    script(sandbox.bin, 'go', 'echo "no network" >&2; exit 1');
    const { message } = await failureOf(findNatsServer({ ...sandbox.options, platform: { os: 'freebsd', arch: 'amd64' } }));
    for (const [way, reason] of [
      ['NATS_SERVER_BIN', 'not set'],
      ['PATH', `${join(sandbox.bin, 'nats-server')} is version 2.9.10`],
      ['cache', sandbox.cacheDir],
      ['release archive', 'no pinned checksum for freebsd-amd64'],
      ['Debian package', 'apt-get is not on PATH'],
      ['go install', 'go list ended with code 1: no network'],
    ]) {
      expect(message).toContain(`\n  ${way}: ${reason}`);
    }
    expect(message).toMatch(
      /1\. With a package manager: .*\n {2}2\. From the official download page https:.*\n {2}3\. Set NATS_SERVER_BIN/,
    );
  });

  it('tells of a cache folder that cannot be written', async () => {
    const sandbox = openSandbox();
    const file = fakeServer(sandbox.bin, '2.9.10');
    const env = await withRelease(sandbox);
    const { message } = await failureOf(findNatsServer({ ...sandbox.options, env, cacheDir: file }));
    expect(message).toContain('release archive: the cache folder cannot be written: ');
  });

  it('ends with the reason of its signal when it is cancelled', async () => {
    const { options } = openSandbox();
    const controller = new AbortController();
    const ways: Way[] = [{ name: 'PATH', find: async () => (controller.abort(new Error('enough')), missed('cancelled')) }];
    await expect(findNatsServer({ ...options, ways, signal: controller.signal })).rejects.toThrow('enough');
  });
});

describe('two searches at the same time', () => {
  it('both find a whole server and leave only that behind', async () => {
    const sandbox = openSandbox();
    const env = await withRelease(sandbox);
    const found = await Promise.all(Array.from({ length: 4 }, () => findNatsServer({ ...sandbox.options, env })));
    for (const { binary, version } of found) expect([binary, version]).toEqual([cachedBinary(sandbox.search), '2.15.1']);
    expect(readdirSync(dirname(cachedBinary(sandbox.search)))).toEqual(['nats-server']);
  });
});

it('shows how far a download is', async () => {
  const sandbox = openSandbox();
  const last: { doneBytes?: number; totalBytes?: number } = {};
  const env = await withRelease(sandbox);
  await findNatsServer({ ...sandbox.options, env, onProgress: (progress) => void Object.assign(last, progress) });
  expect(last).toMatchObject({ way: 'release archive', text: containing('downloading') });
  expect(last.doneBytes).toBeGreaterThan(0);
});
