import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { containing, matching } from '../testing/matchers.ts';
import { cachedBinary } from '../cache.ts';
import { buildArchive, serve } from '../testing/archive-server.ts';
import { openSandbox, printsVersion, type Sandbox, temporaryFolder } from '../testing/sandbox.ts';
import type { WayResult } from '../search.ts';
import { fromRelease } from './from-release.ts';

const stem = 'nats-server-v2.15.1-linux-amd64';
const path = `/v2.15.1/${stem}.tar.gz`;

async function release(sandbox: Sandbox, base: string, sha256?: string): Promise<WayResult> {
  await sandbox.withTools('tar', 'gzip');
  const env = { ...sandbox.search.env, NATS_SERVER_DOWNLOAD_BASE: base, NATS_SERVER_SHA256: sha256 };
  return fromRelease.find({ ...sandbox.search, env });
}

const leftovers = (sandbox: Sandbox): string[] => readdirSync(dirname(cachedBinary(sandbox.search)));

describe('the way of the release archive', () => {
  it('downloads, verifies and unpacks into the cache', async () => {
    const sandbox = openSandbox();
    const { bytes, sha256 } = buildArchive(stem, printsVersion('2.15.1'));
    const { base } = await serve({ [path]: (response) => response.end(bytes) });
    expect(await release(sandbox, base, sha256)).toEqual({ kind: 'found', binary: cachedBinary(sandbox.search), version: '2.15.1' });
    expect(leftovers(sandbox)).toEqual(['nats-server']);
    expect(sandbox.told).toContain(`downloading ${base}${path}`);
  });

  it('follows a redirect, as the release page answers with one', async () => {
    const sandbox = openSandbox();
    const { bytes, sha256 } = buildArchive(stem, printsVersion('2.15.1'));
    const { base } = await serve({
      [path]: (response) => response.writeHead(302, { location: '/elsewhere' }).end(),
      '/elsewhere': (response) => response.end(bytes),
    });
    expect(await release(sandbox, `${base}/`, sha256)).toMatchObject({ kind: 'found' });
  });

  it('refuses other bytes than the pinned ones, and neither unpacks nor runs them', async () => {
    const sandbox = openSandbox();
    const marker = join(temporaryFolder(), 'it-ran');
    const { bytes, sha256 } = buildArchive(stem, `: > ${marker}; ${printsVersion('2.15.1')}`);
    const wrong = sha256.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
    const { base } = await serve({ [path]: (response) => response.end(bytes) });
    expect(await release(sandbox, base, wrong)).toEqual({
      kind: 'missed',
      reason: `${base}${path}: SHA-256 is ${sha256}, pinned is ${wrong}`,
    });
    expect(existsSync(marker)).toBe(false);
    expect(leftovers(sandbox)).toEqual([]);
  });

  it('tries every pinned version, and trusts none of them unseen', async () => {
    const sandbox = openSandbox();
    const { bytes } = buildArchive(stem, printsVersion('2.15.1'));
    const { base, asked } = await serve({ [path]: (response) => response.end(bytes) });
    const result = await release(sandbox, base);
    expect(asked).toEqual([path, path.replaceAll('2.15.1', '2.15.0')]);
    expect(result).toMatchObject({ kind: 'missed', reason: matching(/SHA-256 is .*; .*v2\.15\.0.*HTTP 404/) });
  });

  it('downloads nothing where no checksum is known', async () => {
    const { search } = openSandbox();
    const { base, asked } = await serve({});
    const env = { ...search.env, NATS_SERVER_DOWNLOAD_BASE: base };
    const result = await fromRelease.find({ ...search, env, platform: { os: 'freebsd', arch: 'amd64' } });
    expect(result).toMatchObject({ kind: 'missed', reason: containing('no pinned checksum for freebsd-amd64') });
    expect(asked).toEqual([]);
  });

  it('says what the server answered', async () => {
    const { base } = await serve({});
    expect(await release(openSandbox(), base, 'ab')).toMatchObject({ kind: 'missed', reason: `${base}${path}: HTTP 404` });
  });

  it('gives up on a server that accepts and stays silent, without asking it again', async () => {
    const { base, asked } = await serve({ [path]: () => undefined });
    expect(await release(openSandbox(), base)).toMatchObject({ kind: 'missed', reason: `${base}${path}: no byte within 0.3 s` });
    expect(asked).toHaveLength(1);
  });

  it('gives up on a server that falls silent half-way', async () => {
    const sandbox = openSandbox();
    const { base } = await serve({ [path]: (response) => void response.writeHead(200, { 'content-length': 1000 }).write('half') });
    expect(await release(sandbox, base, 'ab')).toMatchObject({ kind: 'missed', reason: `${base}${path}: no byte within 0.3 s` });
    expect(leftovers(sandbox)).toEqual([]);
  });

  it('names a server that cannot be reached', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const address = closed.address();
    const base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    await new Promise((resolve) => closed.close(resolve));
    expect(await release(openSandbox(), base)).toMatchObject({ kind: 'missed', reason: containing('ECONNREFUSED') });
  });

  it('refuses an archive whose server is too old, or that holds none', async () => {
    for (const [inner, body, reason] of [
      [stem, printsVersion('2.10.0'), 'is version 2.10.0'],
      ['other', printsVersion('2.15.1'), 'holds no nats-server'],
    ] as const) {
      const { bytes, sha256 } = buildArchive(inner, body);
      const { base } = await serve({ [path]: (response) => response.end(bytes) });
      expect(await release(openSandbox(), base, sha256)).toMatchObject({ kind: 'missed', reason: containing(reason) });
    }
  });
});
