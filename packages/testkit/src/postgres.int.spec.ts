import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { findPostgres, startPostgres } from './postgres.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

const accepts = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

describe('findPostgres', () => {
  it('refuses programs that cannot say their version, as a shim without a server behind it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'waybill-shim-'));
    folders.push(folder);
    for (const name of ['initdb', 'postgres']) {
      await writeFile(join(folder, name), '#!/bin/sh\nexit 1\n');
      await chmod(join(folder, name), 0o755);
    }
    const found = await findPostgres({ ...process.env, POSTGRES_BIN: folder });
    expect(found).toEqual({ missing: expect.stringContaining(folder) });
  });
});

describe('startPostgres', () => {
  it('starts a server, kills it, and starts it again on the same port', async (ctx) => {
    const found = await findPostgres();
    if ('missing' in found) return ctx.skip(found.missing);
    const postgres = await startPostgres(found);
    try {
      expect(await accepts(postgres.url)).toBe(true);
      await postgres.kill();
      // Its children have the port too, and notice a moment later.
      await vi.waitFor(async () => expect(await accepts(postgres.url)).toBe(false), { timeout: 20_000 });
      await postgres.restart();
      expect(await accepts(postgres.url)).toBe(true);
    } finally {
      await postgres.cleanup();
    }
  });
});
