import { parseFactSubject, peerConsumer, streamNames, subjects } from '@waybill/contracts';
import { scanStream } from '@waybill/transport';
import type { Findings } from '../ledger/findings.ts';
import { SequenceSet } from './sequence-set.ts';
import { type AuditedRegion, endsOf, seqAt, type StreamEnds } from './stretch.ts';
import { digestOf, type WalkedLog } from './walk-logs.ts';

/** The copy that a region has of another one's LOG. */
export interface CopyFigures {
  readonly region: string;
  readonly of: string;
  /** Facts of the stretch that was read that are to be copied, and those that are. */
  readonly wanted: number;
  readonly copied: number;
  /** Facts that are still on their way. */
  readonly behind: number;
}

export interface CopyOptions {
  readonly regions: readonly AuditedRegion[];
  readonly logs: readonly WalkedLog[];
  readonly fromMs: number;
  readonly findings: Findings;
}

/** Clocks of two regions may differ by so much. */
const MARGIN_MS = 60_000;

interface Copy {
  readonly log: WalkedLog;
  readonly origin: AuditedRegion;
  /** What is there of the LOG's stretch. */
  readonly has: SequenceSet;
  first: number;
  /** The newest fact that is there, or that the LOG has handed over. */
  newest: number;
  /** Facts that are there and that the LOG does not have, by their sequence in it. */
  readonly alone: number[];
}

/**
 * Compares what a region has copied of each other region's LOG with that LOG, fact by fact. What comes after the newest fact that was copied or handed over is on
 * its way. What is missing before it is a hole in the copy; what the copy has and the LOG has not, or has another fact for, the LOG has lost. What a region has removed
 * from the front of its copies is not asked for.
 */
export async function compareCopies(region: AuditedRegion, { regions, logs, fromMs, findings }: CopyOptions): Promise<CopyFigures[]> {
  const { peers } = streamNames(region.id);
  const origins = regions.filter(({ id }) => id !== region.id);
  if (origins.length === 0) return [];
  const ends = await endsOf(region.bus, peers);
  const copies = new Map<string, Copy>();
  for (const log of logs) {
    const origin = origins.find(({ id }) => id === log.region);
    if (origin !== undefined) copies.set(log.region, await opened(log, origin, region.id));
  }
  const filters = origins.map(({ id }) => subjects.replicated(id));
  const scan = { stream: peers, subjects: filters, fromTimeMs: Math.max(0, fromMs - MARGIN_MS), headersOnly: true };
  await scanStream(region.bus, scan, (message) => {
    const copy = copies.get(parseFactSubject(message.subject)?.region ?? '');
    const { origin } = message;
    if (copy === undefined || origin === undefined) return;
    const isSame = copy.log.replicated.isSame(origin.seq, digestOf(message));
    if (isSame === true) copy.has.add(origin.seq);
    else if (origin.seq >= copy.log.fromSeq) copy.alone.push(origin.seq);
    copy.first = Math.min(copy.first, origin.seq);
    if (isSame === true) copy.newest = Math.max(copy.newest, origin.seq);
  });
  return Promise.all([...copies.values()].map((copy) => judged(copy, { region: region.id, ends, findings })));
}

async function opened(log: WalkedLog, origin: AuditedRegion, region: string): Promise<Copy> {
  // Asked before the copy is read: what was handed over by then is in it.
  const { ack_floor: floor } = await origin.bus.jsm.consumers.info(log.stream, peerConsumer(region));
  return { log, origin, has: new SequenceSet(log.fromSeq, log.toSeq), first: Infinity, newest: floor.stream_seq, alone: [] };
}

interface Judging {
  readonly region: string;
  readonly ends: StreamEnds;
  readonly findings: Findings;
}

async function judged(copy: Copy, { region, ends, findings }: Judging): Promise<CopyFigures> {
  const { log, has, newest } = copy;
  const fromSeq = await askedFrom(copy, ends);
  let [wanted, copied, behind] = [0, 0, 0];
  for (const seq of log.replicated) {
    if (seq < fromSeq) continue;
    wanted += 1;
    if (has.has(seq)) copied += 1;
    else if (seq > newest) behind += 1;
    else findings.add('copy_missing', `${log.stream}:${seq} in ${region}`);
  }
  if (behind > 0) findings.add('copy_behind', `${log.stream} in ${region}`, behind);
  for (const seq of await lost(copy)) findings.add('only_copied', `${log.stream}:${seq} in ${region}`);
  return { region, of: log.region, wanted, copied, behind };
}

/** Where the copy begins: its front may have been removed, but whatever the LOG stored after its oldest message must be there. */
async function askedFrom({ log, origin, first }: Copy, { firstSeq, firstMs, messages }: StreamEnds): Promise<number> {
  if (firstSeq <= 1 || messages === 0) return log.fromSeq;
  return Math.min(first, await seqAt(origin.bus, log.stream, firstMs + MARGIN_MS));
}

/** What was copied after the walk had been there is known to the LOG; what the LOG does not go up to any more is lost. */
async function lost({ log, origin, alone }: Copy): Promise<number[]> {
  if (alone.length === 0) return [];
  const { lastSeq } = await endsOf(origin.bus, log.stream);
  return alone.filter((seq) => seq <= log.toSeq || seq > lastSeq);
}
