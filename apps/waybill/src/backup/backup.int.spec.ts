import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONSUMERS, streamNames } from '@waybill/contracts';
import { createLogger } from '@waybill/runtime';
import { type Bus, RegistryView } from '@waybill/transport';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backUp } from './back-up.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { restore } from './restore.ts';
import { KeptRegion, REGION } from './testing/kept-region.ts';

const { log, retry } = streamNames(REGION);
const quiet = (): void => undefined;
const logger = createLogger({ service: 'spec', region: REGION, level: 'silent' });

let root: string;
let folder: string;
let origin: KeptRegion;
let manifest: Manifest;
/** Deliveries by what is known of them when the backup is made. */
const known = { waiting: '', unscheduled: '', ordered: '', unacked: '', delivered: '', unplanned: '' };

const restoring = (bus: Bus, from = folder, of = manifest) =>
  restore(bus, { folder: from, manifest: of, region: REGION, hasHub: false, replicas: 1, tell: quiet });
const refused = (detail: RegExp) => expect.objectContaining({ code: 'WB_BACKUP_INVALID', message: expect.stringMatching(detail) });

/** Every message of a stream as the server keeps it. */
async function messagesOf(bus: Bus, stream: string, upTo: number): Promise<string[]> {
  const all: string[] = [];
  for (let seq = 1; seq <= upTo; seq += 1) {
    const message = await bus.jsm.streams.getMessage(stream, { seq }).catch(() => null);
    if (message !== null)
      all.push([message.seq, message.subject, message.time.getTime(), JSON.stringify([...message.header]), message.string()].join(' '));
  }
  return all;
}

/** A copy of the backup that something happened to. */
async function spoilt(spoil: (copy: string) => void): Promise<string> {
  const copy = mkdtempSync(join(root, 'copy-'));
  await cp(folder, copy, { recursive: true });
  spoil(copy);
  return copy;
}
const edit = (change: (written: Manifest) => object): Promise<string> =>
  spoilt((copy) => writeFileSync(join(copy, 'manifest.json'), JSON.stringify(change(readManifest(copy)))));

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'waybill-backup-'));
  folder = join(root, 'backup');
  origin = await KeptRegion.start({ provisioned: true });
  known.waiting = await origin.schedule();
  known.unscheduled = await origin.plan('retry');
  known.ordered = await origin.plan('retry', 'one after the other');
  known.delivered = await origin.plan('delivered');
  known.unacked = await origin.plan();
  await origin.work();
  known.unplanned = await origin.plan();
  await origin.accept(6_000);
  const writing = { goesOn: true };
  const writer = (async () => {
    while (writing.goesOn) await origin.accept(50);
  })();
  manifest = await backUp(await origin.bus('keeper'), { region: REGION, regions: [REGION], hasHub: false, folder, tell: quiet });
  writing.goesOn = false;
  await writer;
});
afterAll(async () => {
  await origin.cleanup();
  await rm(root, { recursive: true, force: true });
});

describe('a backup of a region, made while it is written to', () => {
  it('is for its owner alone, and says what is not in it', () => {
    expect(statSync(join(folder, 'manifest.json')).mode & 0o777).toBe(0o600);
    for (const { file } of manifest.streams) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    expect(manifest.streams.map(({ name }) => name)).toEqual([retry, log, `OBJ_bodies_${REGION}`, 'KV_registry']);
    expect(manifest.leftOut).toEqual(['the read models: they are built again from the log']);
  });

  it('refuses a folder that has something in it', async () => {
    await expect(
      backUp(await origin.bus('keeper'), { region: REGION, regions: [REGION], hasHub: false, folder, tell: quiet }),
    ).rejects.toEqual(refused(/is not empty/));
  });
});

describe('restored at an empty server', () => {
  let target: KeptRegion;
  let bus: Bus;
  beforeAll(async () => {
    target = await KeptRegion.start({ provisioned: false });
    bus = await target.bus('keeper');
  });
  afterAll(() => target.cleanup());

  it.each([
    ['a file is damaged', /damaged.*LOG_US.snapshot has another content/, () => spoilt((copy) => flip(join(copy, `${log}.snapshot`)))],
    [
      'a file is cut',
      /LOG_US.snapshot has \d+ bytes instead of/,
      () => spoilt((copy) => appendFileSync(join(copy, `${log}.snapshot`), 'x')),
    ],
    ['a file is missing', /KV_registry.snapshot is missing/, () => spoilt((copy) => rmSync(join(copy, 'KV_registry.snapshot')))],
    ['it was broken off', /has no manifest.json/, () => spoilt((copy) => rmSync(join(copy, 'manifest.json')))],
    [
      'it has another format',
      /format 2, and this waybill reads 1: restore it with the waybill that made it/,
      () => edit((was) => ({ ...was, format: 2 })),
    ],
    ['it is of another region', /backup of eu, not of us/, () => edit((was) => ({ ...was, region: 'eu' }))],
    ['it was made at a newer server', /at 2.99 or newer/, () => edit((was) => ({ ...was, server: { version: '2.99.0' } }))],
  ])('is refused when %s, and nothing is changed', async (_, detail, spoil) => {
    const copy = await spoil();
    await expect((async () => restoring(bus, copy, readManifest(copy)))()).rejects.toEqual(refused(detail));
    expect(await target.streams()).toEqual([]);
  });

  it('is finished by the next one when it is broken off in the middle of a stream', async () => {
    await expect(restoring(brokenOff(await target.bus('keeper'), 16))).rejects.toThrow();
    expect(await target.streams()).toContain(log);
    // Nobody may make what is still missing, or write to what is there by half.
    await expect(target.provision()).rejects.toMatchObject({ code: 'WB_RESTORE_UNFINISHED' });
    await expect(RegistryView.follow(await target.bus('ingress'), logger, REGION)).rejects.toMatchObject({
      code: 'WB_RESTORE_UNFINISHED',
    });
    const into = { region: REGION, regions: [REGION], hasHub: false, folder: join(root, 'of half'), tell: quiet };
    await expect(backUp(bus, into)).rejects.toMatchObject({ code: 'WB_RESTORE_UNFINISHED' });
    const { streams } = await restoring(bus);
    expect(streams.find(({ stream }) => stream.name === retry)?.action).toBe('is there');
    expect(streams.find(({ stream }) => stream.name === log)?.action).toBe('again');
  });

  it('is the same, message by message, and its consumers stand where they stood', async () => {
    const from = await origin.bus('operator');
    for (const name of [log, 'KV_registry']) {
      const { lastSeq = 0, messages } = manifest.streams.find((stream) => stream.name === name) ?? {};
      const there = await messagesOf(await target.bus('operator'), name, lastSeq);
      expect(there, name).toHaveLength(messages ?? -1);
      expect(there, name).toEqual(await messagesOf(from, name, lastSeq));
    }
    const position = async (at: Bus) => {
      const { delivered, ack_floor: floor, num_ack_pending: pending } = await at.jsm.consumers.info(log, CONSUMERS.dispatcherPlans);
      return [delivered.stream_seq, delivered.consumer_seq, floor.stream_seq, floor.consumer_seq, pending];
    };
    expect(await position(bus)).toEqual(await position(await origin.bus('keeper')));
  });

  it('gives a schedule to what nothing would bring up any more, and to nothing else', async () => {
    expect((await target.brought()).toSorted()).toEqual([known.waiting, known.unscheduled, known.ordered, known.unacked].toSorted());
  });

  it('does nothing when it is done again, and refuses what it did not make', async () => {
    expect(await restoring(bus)).toMatchObject({ armed: 0 });
    await expect(restoring(bus, folder, { ...manifest, id: 'another' })).rejects.toEqual(refused(/only where nothing is.*RETRY_US/));
  });

  it('is what "waybill provision" wants', async () => {
    expect(JSON.stringify(await target.provision())).not.toMatch(/"action":"(create|update)"/);
  });
});

/** One bit. */
function flip(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

/** A connection that is lost for good after so many chunks of a snapshot of some size. */
function brokenOff(bus: Bus, chunks: number): Bus {
  let sent = 0;
  const request: Bus['nc']['request'] = async (subject, payload, options) => {
    if (subject.startsWith(`$JS.SNAPSHOT.RESTORE.${log}.`)) sent += 1;
    if (sent > chunks) await bus.close();
    return bus.nc.request(subject, payload, options);
  };
  const nc = new Proxy(bus.nc, {
    get: (target, name) => {
      if (name === 'request') return request;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { ...bus, nc };
}
