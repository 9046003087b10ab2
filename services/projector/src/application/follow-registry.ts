import { judgeBucket, type StreamState } from '../domain/continuity.ts';
import { readRegistry, type RegistryEntry, type RegistryVersions } from '../domain/registry-versions.ts';
import type { Applied, Checkpoint, Step } from './apply-batch.ts';
import type { Report } from './keep-following.ts';

/** What following the registry needs. `entries` reads everything after a sequence, in order, to the present end. */
export interface RegistryPorts {
  readonly stream: string;
  readonly checkpoint: () => Promise<Checkpoint>;
  readonly state: () => Promise<StreamState>;
  readonly entries: (after: number) => Promise<RegistryEntry[]>;
  readonly apply: (step: Step, versions: RegistryVersions) => Promise<Applied>;
  readonly report: Report;
  /** Waits until it is time to look again. */
  readonly pause: (signal: AbortSignal) => Promise<void>;
}

/** Follows the registry by looking at its end again and again: it changes seldom. Throws when the store or NATS is away. */
export async function followRegistry(ports: RegistryPorts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && (await readRegistryOnce(ports))) await ports.pause(signal);
}

/** Reads the registry to its present end; false when that cannot go on, which is reported. Throws when the store or NATS is away. */
export async function readRegistryOnce(ports: Omit<RegistryPorts, 'pause'>): Promise<boolean> {
  const checkpoint = await ports.checkpoint();
  const state = await ports.state();
  const continuity = judgeBucket(checkpoint, state);
  if (continuity.kind === 'broken') {
    ports.report({ ok: false, detail: `stopped: ${continuity.reason}`, seq: checkpoint.seq });
    return false;
  }
  const seq = state.lastSeq > checkpoint.seq ? await catchUp(ports, checkpoint.seq, state) : checkpoint.seq;
  ports.report({ ok: true, seq });
  return true;
}

async function catchUp(ports: Omit<RegistryPorts, 'pause'>, from: number, { created, lastSeq }: StreamState): Promise<number> {
  const entries = await ports.entries(from);
  const to = Math.max(lastSeq, entries.at(-1)?.seq ?? 0);
  const applied = await ports.apply({ stream: ports.stream, streamCreated: created, from, to, origin: null }, readRegistry(entries));
  if (applied === 'stale') throw new Error(`another projector has moved the checkpoint of ${ports.stream}`);
  return to;
}
