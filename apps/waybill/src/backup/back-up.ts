import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { bodyBuckets, CONTROL_BUCKET, streamNames, WaybillError } from '@waybill/contracts';
import { type Bus, refuseUnfinished, REGISTRY_STREAM, snapshotStream } from '@waybill/transport';
import { size } from '../terminal/print.ts';
import { BACKUP_FORMAT, type BackedUpStream, type Manifest, writeManifest } from './manifest.ts';

const CONTROL_STREAM = `KV_${CONTROL_BUCKET}`;

/**
 * The streams of a region in the order in which they are read, while everything goes on. Each is as it was when its turn came, so what refers to another one
 * comes before it: a schedule to its plan, a plan to what the registry knew, an event to its large payload (ADR 15).
 */
export const backupOrder = (region: string): string[] => {
  const { log, peers, retry } = streamNames(region);
  return [retry, peers, log, bodyBuckets(region).own.stream, REGISTRY_STREAM, CONTROL_STREAM];
};

export interface BackUpOptions {
  readonly region: string;
  /** All regions of the installation. */
  readonly regions: readonly string[];
  /** The control bucket is in the hub then. */
  readonly hasHub: boolean;
  /** Is made if missing; must be empty. */
  readonly folder: string;
  readonly tell: (line: string) => void;
}

/**
 * Writes a region's streams and buckets into a folder, with their consumers. Throws WB_BACKUP_INVALID when there is something in the folder,
 * WB_TOPOLOGY_MISSING when the region has no LOG, WB_RESTORE_UNFINISHED when that is there by half, and what reading a stream throws; then the folder is no backup.
 */
export async function backUp(bus: Bus, { region, regions, hasHub, folder, tell }: BackUpOptions): Promise<Manifest> {
  const startedAt = new Date().toISOString();
  makeEmpty(folder);
  const present = await streamsAt(bus);
  const wanted = backupOrder(region).filter((name) => present.has(name));
  if (!wanted.includes(streamNames(region).log))
    throw new WaybillError('WB_TOPOLOGY_MISSING', `there is no ${streamNames(region).log} here`);
  const leftOut = whatIsLeftOut(
    region,
    hasHub,
    [...present].filter((name) => !wanted.includes(name)),
  );
  const streams: BackedUpStream[] = [];
  for (const name of wanted) streams.push(await backUpStream(bus, name, { folder, tell }));
  const server = { version: bus.nc.info?.version ?? '' };
  const written: Manifest = {
    format: BACKUP_FORMAT,
    id: randomUUID(),
    region,
    regions: [...regions],
    server,
    startedAt,
    endedAt: new Date().toISOString(),
    streams,
    leftOut,
  };
  writeManifest(folder, written);
  return written;
}

function makeEmpty(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (readdirSync(folder).length > 0)
    throw new WaybillError('WB_BACKUP_INVALID', `${folder} is not empty: name a new folder, for one backup is never written over another`);
}

async function streamsAt(bus: Bus): Promise<Set<string>> {
  const names = new Set<string>();
  for await (const name of bus.jsm.streams.names()) names.add(name);
  return names;
}

function whatIsLeftOut(region: string, hasHub: boolean, present: readonly string[]): string[] {
  const { stream: copies } = bodyBuckets(region).copies;
  return [
    ...(hasHub ? [`${CONTROL_STREAM}: states and leases of the regions are kept in the hub, not in this region`] : []),
    ...present.map(
      (name) => `${name}: ${name === copies ? 'copies of large payloads, which are fetched again' : 'does not belong to Waybill'}`,
    ),
    'the read models: they are built again from the log',
  ];
}

interface Writing {
  readonly folder: string;
  readonly tell: (line: string) => void;
}

const PROGRESS_MS = 2_000;

async function backUpStream(bus: Bus, name: string, { folder, tell }: Writing): Promise<BackedUpStream> {
  const { created, config: present } = await bus.jsm.streams.info(name);
  refuseUnfinished(present);
  const consumers: string[] = [];
  for await (const { config } of bus.jsm.consumers.list(name)) if (config.durable_name !== undefined) consumers.push(config.durable_name);
  const file = `${name}.snapshot`;
  const hash = createHash('sha256');
  let [bytes, toldMs] = [0, performance.now()];
  const out = await open(join(folder, file), 'wx', 0o600);
  try {
    const { config, state } = await snapshotStream(bus, name, async (chunk) => {
      await writeAll(out, chunk);
      hash.update(chunk);
      bytes += chunk.length;
      if (performance.now() - toldMs < PROGRESS_MS) return;
      tell(`${name}: ${size(bytes)} …`);
      toldMs = performance.now();
    });
    await out.sync();
    tell(`${name}: ${state.messages} messages, ${size(bytes)}`);
    const { messages, first_seq: firstSeq, last_seq: lastSeq } = state;
    return { name, file, bytes, sha256: hash.digest('hex'), messages, firstSeq, lastSeq, created, consumers, config, state };
  } finally {
    await out.close();
  }
}

/** A write may take only a part. */
async function writeAll(out: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let written = 0; written < chunk.length;) written += (await out.write(chunk, written)).bytesWritten;
}
