import { HEADERS, parseFactSubject, streamNames, subjects } from '@waybill/contracts';
import { type Bus, type Incoming, scanStream } from '@waybill/transport';
import type { AuditFact } from '../facts/audit-fact.ts';
import { readAuditFact } from '../facts/read-audit-fact.ts';
import { shortDigest } from '../ledger/fingerprints.ts';
import { SequenceDigests } from './sequence-digests.ts';
import { type AuditedRegion, endsOf, seqAt } from './stretch.ts';

/** Sequences that are read of one LOG before it is another one's turn. */
const CHUNK = 20_000;

/** A stream that is read in turn with others. */
interface Cursor extends Source {
  readonly lastSeq: number;
  nextSeq: number;
  /** When the message that was read last was stored, ms since 1970. */
  readMs: number;
}

/** A stream, and which of its subjects are read. */
export interface Source {
  readonly bus: Bus;
  readonly stream: string;
  readonly subjects: readonly string[];
}

/** The stretch of a region's LOG that was read. */
export interface WalkedLog {
  readonly region: string;
  readonly stream: string;
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly created: string;
  /** What other regions must have a copy of, and what it is. */
  readonly replicated: SequenceDigests;
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
  options: WalkOptions,
  visit: (fact: AuditFact) => void,
): Promise<WalkedLog[]> {
  const opened = await Promise.all(
    regions.map(({ id, bus }) => openCursor({ bus, stream: streamNames(id).log, subjects: subjects.logFilter(id) }, options.fromMs)),
  );
  const walked = new Map(
    opened.map((cursor, index) => {
      const { stream, nextSeq: fromSeq, lastSeq: toSeq, created } = cursor;
      const replicated = new SequenceDigests(fromSeq, regions.length > 1 ? toSeq : 0);
      return [stream, { region: regions[index]?.id ?? '', stream, fromSeq, toSeq, created, replicated }];
    }),
  );
  await readInTurn(opened, options, (message) => {
    if (parseFactSubject(message.subject)?.scope === 'g') walked.get(message.stream)?.replicated.set(message.seq, digestOf(message));
    const fact = readAuditFact(message);
    if (fact !== undefined) visit(fact);
  });
  return [...walked.values()];
}

/** What a fact and its copy have in common, and no other one has. */
export const digestOf = (message: Incoming): number => shortDigest(`${message.subject} ${message.header(HEADERS.msgId)}`);

/** Reads streams from their beginnings to their present ends, as `walkLogs` does. */
export async function walkStreams(sources: readonly Source[], visit: (fact: AuditFact) => void): Promise<void> {
  const cursors = await Promise.all(sources.map((source) => openCursor(source, 0)));
  await readInTurn(cursors, {}, (message) => {
    const fact = readAuditFact(message);
    if (fact !== undefined) visit(fact);
  });
}

async function readInTurn(
  cursors: readonly Cursor[],
  { onProgress }: Pick<WalkOptions, 'onProgress'>,
  visit: (message: Incoming) => void,
): Promise<void> {
  const total = cursors.reduce((sum, { lastSeq, nextSeq }) => sum + Math.max(0, lastSeq - nextSeq + 1), 0);
  for (let read = 0; ;) {
    const [behind] = cursors.filter(({ nextSeq, lastSeq }) => nextSeq <= lastSeq).toSorted((one, other) => one.readMs - other.readMs);
    if (behind === undefined) return;
    const from = behind.nextSeq;
    await readChunk(behind, visit);
    read += behind.nextSeq - from;
    onProgress?.(read, total);
  }
}

async function openCursor(source: Source, fromMs: number): Promise<Cursor & { readonly created: string }> {
  const { lastSeq, created } = await endsOf(source.bus, source.stream);
  return { ...source, lastSeq, created, nextSeq: await seqAt(source.bus, source.stream, fromMs), readMs: fromMs };
}

async function readChunk(cursor: Cursor, visit: (message: Incoming) => void): Promise<void> {
  const { bus, stream, subjects: filters, nextSeq: fromSeq } = cursor;
  const toSeq = Math.min(cursor.lastSeq, fromSeq + CHUNK - 1);
  await scanStream(bus, { stream, subjects: filters, fromSeq, toSeq }, (message) => {
    cursor.readMs = message.timestampMs;
    visit(message);
  });
  cursor.nextSeq = toSeq + 1;
}
