import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readJoinProgress, serveJoinRequest, writeJoinRequest } from './join-requests.ts';
import { dataPaths } from './layout.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-join-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const quiet = (): void => undefined;

describe('a request that a region joins', () => {
  it('is served, and tells how far it is', async () => {
    const { request } = writeJoinRequest(folder, 'ap');
    const seen: (string | undefined)[] = [];
    await serveJoinRequest(
      folder,
      async (region, tell) => {
        seen.push(readJoinProgress(folder)?.outcome);
        tell(`${region} is started`);
        seen.push(readJoinProgress(folder)?.lines.at(-1));
      },
      quiet,
    );
    expect(seen).toEqual(['running', 'ap is started']);
    const lines = ['asked for', 'ap is started', 'ap has joined'];
    expect(readJoinProgress(folder)).toEqual({ request, region: 'ap', pid: process.pid, outcome: 'done', lines });
  });

  it('fails with the reason and what is beneath', async () => {
    writeJoinRequest(folder, 'ap');
    const why = new Error('planner of ap did not start', { cause: new Error('exit code 1') });
    await serveJoinRequest(folder, () => Promise.reject(why), quiet);
    expect(readJoinProgress(folder)).toMatchObject({
      outcome: 'failed',
      lines: ['asked for', 'planner of ap did not start; because: exit code 1'],
    });
  });

  it('is nothing when it is not there, or cannot be read', async () => {
    const refuse = (): Promise<void> => Promise.reject(new Error('called'));
    await serveJoinRequest(folder, refuse, quiet);
    writeFileSync(dataPaths(folder).joinRequest, '{"region":');
    await serveJoinRequest(folder, refuse, quiet);
    expect(readJoinProgress(folder)).toBeUndefined();
  });
});
