import { readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { streamNames } from '@waybill/contracts';
import { provisionRegion } from '@waybill/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { storeLocation } from './adapters/store/database.ts';
import { startWorker } from './adapters/worker/worker-host.ts';
import { REGION, Region } from './testing/running-projector.ts';
import { SampleLog } from './testing/sample-facts.ts';
import { addEvents, expectTotalsOf } from './testing/whole-events.ts';

let region: Region;
beforeEach(async () => {
  region = await Region.open();
});
afterEach(() => region.close());

const storeFile = (): string => {
  const location = storeLocation(region.config());
  return location.engine === 'sqlite' ? location.file : '';
};

async function removeStore(): Promise<void> {
  for (const suffix of ['', '-wal', '-shm']) await rm(`${storeFile()}${suffix}`, { force: true });
}

describe('the projector', () => {
  it('goes on where it was after a restart', async () => {
    const log = new SampleLog(REGION);
    addEvents(log, 0, 5);
    await region.publish(log);
    await region.start();
    await region.caughtUp(log.messages.length);
    await region.stop();
    addEvents(log, 5, 5);
    await region.publish(log);
    await region.start();
    await region.caughtUp(log.messages.length);
    await expectTotalsOf(region, log);
  });

  it('applies everything exactly once when its thread is killed again and again under load', async () => {
    const log = new SampleLog(REGION);
    for (let round = 0; round < 6; round += 1) {
      addEvents(log, round * 250, 250);
      const doomed = startWorker(region.worker(), { onChange: () => undefined, onCrash: () => undefined });
      await Promise.all([region.publish(log), delay(300 + round * 130)]);
      await doomed.stop(AbortSignal.abort());
    }
    await region.start();
    await region.caughtUp(log.messages.length);
    await expectTotalsOf(region, log);
  });

  it('builds its store again when the file is lost', async () => {
    const log = new SampleLog(REGION);
    addEvents(log, 0, 50);
    await region.publish(log);
    await region.start();
    await region.caughtUp(log.messages.length);
    await region.stop();
    await removeStore();
    await region.start();
    await region.caughtUp(log.messages.length);
    await expectTotalsOf(region, log);
  });

  it('builds its store again by itself when the file is lost under it, and says so', async () => {
    const log = new SampleLog(REGION);
    addEvents(log, 0, 3);
    await region.publish(log);
    await region.start();
    await region.caughtUp(log.messages.length);
    await removeStore();
    addEvents(log, 3, 1);
    await region.publish(log);
    await region.healthSays(/the database file is gone: the read models are built again from the log/);
    await region.caughtUp(log.messages.length);
    await expectTotalsOf(region, log);
    expect(region.crashes).toEqual([]);
  });

  it.each([
    ['truncated', (file: string) => truncate(file, 8_192)],
    ['garbled', (file: string) => writeFile(file, Buffer.alloc(65_536, 'x'))],
  ])('sets a %s file aside, says so, and builds its store again', async (_, spoil) => {
    const log = new SampleLog(REGION);
    addEvents(log, 0, 20);
    await region.publish(log);
    await region.start();
    await region.caughtUp(log.messages.length);
    await region.stop();
    await spoil(storeFile());
    await region.start();
    await region.healthSays(/set aside as .*broken-/);
    await region.caughtUp(log.messages.length);
    await expectTotalsOf(region, log);
    expect((await readdir(region.folder)).some((name) => name.includes('.broken-'))).toBe(true);
  });

  it('waits for NATS and says so, answers meanwhile, and goes on', async () => {
    const log = new SampleLog(REGION);
    addEvents(log, 0, 1);
    await region.publish(log);
    await region.start();
    await region.caughtUp(log.messages.length);
    await region.nats.kill();
    await region.healthSays(/NATS is (?:lost|away)/);
    expect((await region.get('/v1/events')).status).toBe(200);
    await region.nats.restart();
    addEvents(log, 1, 3);
    await expect.poll(() => region.bus.isUp(), { timeout: 20_000 }).toBe(true);
    await region.publish(log);
    await region.caughtUp(log.messages.length);
    await region.healthSays(/"status":"ready"/);
    await expectTotalsOf(region, log);
  });

  it('stops with the reason when the stream is made anew', async () => {
    const log = new SampleLog(REGION);
    addEvents(log, 0, 2);
    await region.publish(log);
    await region.start();
    await region.caughtUp(log.messages.length);
    await region.bus.jsm.streams.delete(streamNames(REGION).log);
    await provisionRegion(region.nats.url, REGION);
    await region.healthSays(/created anew/);
    expect(await region.get('/health/ready')).toMatchObject({ body: { status: 'not_ready' } });
  });
});
