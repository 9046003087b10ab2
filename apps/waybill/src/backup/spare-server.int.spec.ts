import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { streamNames } from '@waybill/contracts';
import { type Bus, provision, regionTopology } from '@waybill/transport';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataPaths } from '../stack/layout.ts';
import { natsFolder } from '../stack/local-deployment.ts';
import { writeRunFile } from '../stack/run-file.ts';
import { backUp } from './back-up.ts';
import { readManifest } from './manifest.ts';
import { restore, type Restored } from './restore.ts';
import { withSpareServer } from './spare-server.ts';

const quiet = (): void => undefined;
const REGION = 'us';
const { log } = streamNames(REGION);

describe('a data folder of a stack that does not run', () => {
  let root: string;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'waybill-spare-'));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  const restoring = async (bus: Bus): Promise<Restored> => {
    const folder = join(root, 'backup');
    return restore(bus, { folder, manifest: readManifest(folder), region: REGION, hasHub: false, replicas: 1, tell: quiet });
  };
  const messages = async (bus: Bus): Promise<number> => (await bus.jsm.streams.info(log)).state.messages;

  it('takes a backup in, and its next server finds it', async () => {
    await withSpareServer(join(root, 'one'), REGION, async (bus) => {
      await provision(bus, regionTopology(REGION));
      for (let n = 0; n < 20; n += 1) await bus.js.publish(`wb.${REGION}.g.event.accepted`, `{"n":${n}}`);
      await backUp(bus, { region: REGION, regions: [REGION], hasHub: false, folder: join(root, 'backup'), tell: quiet });
    });
    const { streams } = await withSpareServer(join(root, 'two'), REGION, restoring);
    expect(streams.map(({ action }) => action)).toEqual(streams.map(() => 'restore'));
    expect(await withSpareServer(join(root, 'two'), REGION, messages)).toBe(20);
    expect(existsSync(dataPaths(join(root, 'two')).run)).toBe(false);
  });

  it('is left alone while a stack runs on it', async () => {
    writeFileSync(dataPaths(join(root, 'two')).lock, String(process.ppid));
    await expect(withSpareServer(join(root, 'two'), REGION, messages)).rejects.toThrow(
      `a stack runs on this folder already (pid ${process.ppid})`,
    );
    await rm(dataPaths(join(root, 'two')).lock);
  });

  it('gets rid first of the server that a killed restore left behind', async () => {
    const dataDir = join(root, 'two');
    const left = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', natsFolder(dataDir, REGION)], { stdio: 'ignore' });
    const here = { id: REGION, url: '', natsUrl: '', pids: { nats: left.pid ?? 0 }, services: {} };
    writeRunFile(dataPaths(dataDir).run, { pid: 2 ** 22, adminKey: '', ready: false, regions: [here], hub: { pids: [] }, receiverUrl: '' });
    expect(await withSpareServer(dataDir, REGION, messages)).toBe(20);
    expect(left.exitCode ?? left.signalCode).not.toBeNull();
  });
});
