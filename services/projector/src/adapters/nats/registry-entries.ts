import { REGISTRY_BUCKET } from '@waybill/contracts';
import { type Bus, type Incoming, scanStream } from '@waybill/transport';
import type { RegistryEntry } from '../../domain/registry-versions.ts';

/** The stream below the registry bucket. */
export const REGISTRY_STREAM = `KV_${REGISTRY_BUCKET}`;
const SUBJECT_PREFIX = `$KV.${REGISTRY_BUCKET}.`;

/** Reads the registry's entries after a sequence, in order, to the present end. */
export async function registryEntries(bus: Bus, after: number): Promise<RegistryEntry[]> {
  const entries: RegistryEntry[] = [];
  await scanStream(bus, { stream: REGISTRY_STREAM, subjects: [`${SUBJECT_PREFIX}>`], fromSeq: after + 1 }, (message) =>
    entries.push(entryOf(message)),
  );
  return entries;
}

const entryOf = (message: Incoming): RegistryEntry => ({
  stream: message.stream,
  seq: message.seq,
  atMs: message.timestampMs,
  key: message.subject.slice(SUBJECT_PREFIX.length),
  body: message.body,
  // A deletion is a message of its own; one that expired leaves a marker that names its reason instead.
  removed: message.header('KV-Operation') !== '' || message.header('Nats-Marker-Reason') !== '',
});
