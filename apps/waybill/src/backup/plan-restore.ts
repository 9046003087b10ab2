import { CONTROL_BUCKET, WaybillError } from '@waybill/contracts';
import { type Bus, restoreMarkOf, type RestoreState } from '@waybill/transport';
import type { BackedUpStream, Manifest } from './manifest.ts';

/** JetStream's code for a stream that is not there. */
const STREAM_MISSING = 10_059;

/** What has to be done about one stream. `again`: a restore of it was broken off. */
export interface PlannedStream {
  readonly stream: BackedUpStream;
  readonly action: 'restore' | 'again' | 'is there';
  /** What a restore of this very backup said last. */
  readonly state: RestoreState | undefined;
}

export interface Target {
  readonly region: string;
  /** The control bucket is in the hub then. */
  readonly hasHub: boolean;
}

const invalid = (detail: string): WaybillError => new WaybillError('WB_BACKUP_INVALID', detail);

/**
 * Looks whether a backup can be restored at these servers, and what is to be done. Throws WB_BACKUP_INVALID, with what can be done instead, when the
 * servers are older than those it was made at, or have streams of that name which are not of this backup. Changes nothing.
 */
export async function planRestore(bus: Bus, manifest: Manifest, { hasHub }: Target): Promise<PlannedStream[]> {
  refuseOlderServer(manifest.server.version, bus.nc.info?.version ?? '');
  const planned: PlannedStream[] = [];
  const inTheWay: string[] = [];
  for (const stream of manifest.streams.filter(({ name }) => !(hasHub && name === `KV_${CONTROL_BUCKET}`))) {
    const present = await infoOf(bus, stream.name);
    const state = restoreMarkOf(present?.config.metadata, manifest.id);
    if (present === undefined) planned.push({ stream, action: 'restore', state });
    else if (state === undefined) inTheWay.push(`${stream.name} (${present.state.messages} messages)`);
    else if (state !== 'unfinished') planned.push({ stream, action: 'is there', state });
    else if (present.state.last_seq <= stream.lastSeq) planned.push({ stream, action: 'again', state });
    else inTheWay.push(`${stream.name} (a restore of it was broken off, and since then something was written to it)`);
  }
  if (inTheWay.length === 0) return planned;
  throw invalid(
    `a backup is restored only where nothing is, and there are ${inTheWay.join(', ')}: restore it into another data folder, or at servers with empty stores`,
  );
}

/** What a stream is now; undefined when there is none. */
export async function infoOf(bus: Bus, name: string): Promise<Awaited<ReturnType<Bus['jsm']['streams']['info']>> | undefined> {
  try {
    return await bus.jsm.streams.info(name);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === STREAM_MISSING) return undefined;
    throw error;
  }
}

/** A snapshot may hold what an older minor version does not know; patches read each other. */
function refuseOlderServer(madeAt: string, here: string): void {
  const [[major = 0, minor = 0], [ownMajor = 0, ownMinor = 0]] = [numbersOf(madeAt), numbersOf(here)];
  if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) return;
  throw invalid(
    `it was made at nats-server ${madeAt} and this is ${here}, which may not read it: restore it at ${major}.${minor} or newer`,
  );
}

const numbersOf = (version: string): number[] => version.split('.').map((part) => Number.parseInt(part, 10) || 0);
