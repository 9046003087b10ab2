import { parseFactSubject, streamNames, subjects } from '@waybill/contracts';
import { type Incoming, scanStream } from '@waybill/transport';
import type { AuditFact } from '../facts/audit-fact.ts';
import { readAuditFact } from '../facts/read-audit-fact.ts';
import { SequenceSet } from './sequence-set.ts';
import { type AuditedRegion, endsOf, seqAt } from './stretch.ts';

/** Sequences that are read of one LOG before it is another one's turn. */
const CHUNK = 20_000;

/** A LOG that is read in turn with the others. */
interface Cursor extends AuditedRegion {
  readonly stream: string;
  readonly lastSeq: number;
  nextSeq: number;
  /** When the message that was read last was stored, ms since 1970. */
  readMs: number;
  readonly replicated: SequenceSet;
}

/** The stretch of a region's LOG that was read. */
export interface WalkedLog {
  readonly region: string;
  readonly stream: string;
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly created: string;
  /** What other regions must have a copy of. */
  readonly replicated: SequenceSet;
}

export interface WalkOptions {
  /** Nothing that was stored before is read, ms since 1970. */
  readonly fromMs: number;
  /** Told after each chunk: messages that were read, of how many. */
  readonly onProgress?: ((read: number, total: number) => void) | undefined;
}

/**
 * Reads the LOGs of regions to their present ends as if they were one: the one that is behind in time goes on first, so that a plan and what became of it in
 * another region come about together, and little is open at any time. Throws when a LOG cannot be read.
 */
export async function walkLogs(
  regions: readonly AuditedRegion[],
  { fromMs, onProgress }: WalkOptions,
  visit: (fact: AuditFact) => void,
): Promise<WalkedLog[]> {
  const opened = await Promise.all(regions.map((region) => open(region, fromMs)));
  const total = opened.reduce((sum, { cursor }) => sum + Math.max(0, cursor.lastSeq - cursor.nextSeq + 1), 0);
  const left = opened.map(({ cursor }) => cursor);
  for (let read = 0; ;) {
    const [behind] = left.filter(({ nextSeq, lastSeq }) => nextSeq <= lastSeq).toSorted((one, other) => one.readMs - other.readMs);
    if (behind === undefined) break;
    const from = behind.nextSeq;
    await readChunk(behind, visit);
    read += behind.nextSeq - from;
    onProgress?.(read, total);
  }
  return opened.map(({ walked }) => walked);
}

async function open({ id, bus }: AuditedRegion, fromMs: number): Promise<{ cursor: Cursor; walked: WalkedLog }> {
  const stream = streamNames(id).log;
  const { lastSeq, created } = await endsOf(bus, stream);
  const fromSeq = await seqAt(bus, stream, fromMs);
  const replicated = new SequenceSet(fromSeq, lastSeq);
  return {
    cursor: { id, bus, stream, lastSeq, nextSeq: fromSeq, readMs: fromMs, replicated },
    walked: { region: id, stream, fromSeq, toSeq: lastSeq, created, replicated },
  };
}

async function readChunk(cursor: Cursor, visit: (fact: AuditFact) => void): Promise<void> {
  const { bus, stream, id, replicated } = cursor;
  const toSeq = Math.min(cursor.lastSeq, cursor.nextSeq + CHUNK - 1);
  const read = (message: Incoming): void => {
    cursor.readMs = message.timestampMs;
    if (parseFactSubject(message.subject)?.scope === 'g') replicated.add(message.seq);
    const fact = readAuditFact(message);
    if (fact !== undefined) visit(fact);
  };
  await scanStream(bus, { stream, subjects: subjects.logFilter(id), fromSeq: cursor.nextSeq, toSeq }, read);
  cursor.nextSeq = toSeq + 1;
}
