import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { streamNames, WaybillError } from '@waybill/contracts';
import { type Bus, restoreMarked, restoreMarkOf, type RestoreState, restoreStream, type SnapshotConfig } from '@waybill/transport';
import { z } from 'zod';
import { size } from '../terminal/print.ts';
import { type BackedUpStream, type Manifest, verifyFiles } from './manifest.ts';
import { infoOf, planRestore, type PlannedStream, type Target } from './plan-restore.ts';
import { rearm } from './rearm.ts';

export interface RestoreOptions extends Target {
  readonly folder: string;
  readonly manifest: Manifest;
  /** Copies of each stream. */
  readonly replicas: number;
  /** Only tells what would be done. */
  readonly dryRun?: boolean;
  readonly tell: (line: string) => void;
}

export interface Restored {
  readonly streams: readonly PlannedStream[];
  /** Deliveries without an end that got a schedule. */
  readonly armed: number;
}

/**
 * Restores a region's streams and buckets where there are none, and arms what the region still owed. Throws WB_BACKUP_INVALID before anything is changed.
 * Broken off at any time, the same restore can be run again and finishes. Nobody else may use the servers meanwhile.
 */
export async function restore(bus: Bus, options: RestoreOptions): Promise<Restored> {
  const { manifest, region, folder, tell, dryRun = false } = options;
  if (manifest.region !== region)
    throw new WaybillError(
      'WB_BACKUP_INVALID',
      `this is a backup of ${manifest.region}, not of ${region}: its subjects and ids belong to that region`,
    );
  const streams = await planRestore(bus, manifest, options);
  await verifyFiles(folder, manifest, tell);
  if (dryRun) return { streams, armed: 0 };
  for (const planned of streams) await restoreOne(bus, planned, options);
  const { retry, peers } = streamNames(region);
  if (streams.some(({ stream, state }) => stream.name === retry && state === 'armed')) return { streams, armed: 0 };
  const hasPeers = streams.some(({ stream }) => stream.name === peers);
  const armed = await rearm(bus, { region, hasPeers, tell });
  await mark(bus, retry, manifest.id, 'armed');
  return { streams, armed };
}

async function restoreOne(bus: Bus, { stream, action }: PlannedStream, options: RestoreOptions): Promise<void> {
  const { folder, manifest, tell } = options;
  const { name, file, messages, bytes, state } = stream;
  if (action === 'is there') return tell(`${name}: is there already`);
  if (action === 'again') await removeUnfinished(bus, name, manifest.id);
  tell(`${name}: ${messages} messages, ${size(bytes)} …`);
  await whenFree(
    () => restoreStream(bus, { config: configOf(stream, options), state }, chunksOf(join(folder, file))),
    () => removeUnfinished(bus, name, manifest.id),
  );
  const info = await bus.jsm.streams.info(name);
  // What has expired meanwhile is gone, and a schedule that is due adds a message.
  if (info.state.last_seq < stream.lastSeq)
    throw new Error(
      `${name} ends at ${info.state.last_seq} instead of ${stream.lastSeq} after its restore; run it again, or take another backup`,
    );
  await mark(bus, name, manifest.id, 'whole');
}

/** JetStream's code for a stream that is there already, and cannot be restored. */
const NAME_IN_USE = 10_130;
const AGAIN_MS = 1_000;
const FREE_WITHIN_MS = 30_000;

/**
 * A restore that was broken off holds the stream's name until the server gives it up, after 5 s without a chunk; in a cluster the stream is not even shown
 * meanwhile (2.15.1).
 */
async function whenFree(work: () => Promise<void>, free: () => Promise<void>): Promise<void> {
  const deadline = performance.now() + FREE_WITHIN_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const isInUse = error instanceof Error && 'code' in error && error.code === NAME_IN_USE;
      if (!isInUse || performance.now() > deadline) throw error;
    }
    await sleep(AGAIN_MS);
    await free();
  }
}

async function removeUnfinished(bus: Bus, name: string, id: string): Promise<void> {
  const present = await infoOf(bus, name);
  if (restoreMarkOf(present?.config.metadata, id) === 'unfinished') await bus.jsm.streams.delete(name);
}

/**
 * Without its sources: "waybill provision" sets them, and lets the other regions send again what came after the backup. Were they there from the beginning,
 * the gap would stay (ADR 15).
 */
function configOf({ config }: BackedUpStream, { manifest, replicas }: RestoreOptions): SnapshotConfig {
  const { metadata } = z.object({ metadata: z.record(z.string(), z.string()).optional() }).parse(config);
  const alone = Object.fromEntries(Object.entries(config).filter(([field]) => field !== 'sources'));
  return { ...alone, name: config.name, num_replicas: replicas, metadata: restoreMarked(metadata, manifest.id, 'unfinished') };
}

async function mark(bus: Bus, name: string, id: string, state: RestoreState): Promise<void> {
  const { config } = await bus.jsm.streams.info(name);
  await bus.jsm.streams.update(name, { metadata: restoreMarked(config.metadata, id, state) });
}

/** The server takes at most 1 MiB at a time. */
const CHUNK_BYTES = 128 * 1024;

async function* chunksOf(path: string): AsyncGenerator<Uint8Array> {
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) yield z.instanceof(Uint8Array).parse(chunk);
}
