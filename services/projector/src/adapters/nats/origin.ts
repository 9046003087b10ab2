import type { Origin } from '../../domain/fact.ts';

/** What a server puts on each message it copies. */
const SOURCE_HEADER = 'Nats-Stream-Source';
/** `<stream>[:<hash>] <seq> …` (nats-server 2.15.1). */
const SOURCE = /^([^ :]+)\S* (\d+)(?: |$)/;

/** Where a message was copied from; undefined for one that is no copy. */
export function originOf(headers: { get(name: string): string } | undefined): Origin | undefined {
  const [, stream, seq] = SOURCE.exec(headers?.get(SOURCE_HEADER) ?? '') ?? [];
  return stream === undefined ? undefined : { stream, seq: Number(seq) };
}
