import { parseFactSubject, streamNames, subjects } from '@waybill/contracts';
import { scanStream } from '@waybill/transport';
import type { Findings } from '../ledger/findings.ts';
import { SequenceSet } from './sequence-set.ts';
import { type AuditedRegion, endsOf } from './stretch.ts';
import type { WalkedLog } from './walk-logs.ts';

/** The copy that a region has of another one's LOG. */
export interface CopyFigures {
  readonly region: string;
  readonly of: string;
  /** Facts of the stretch that was read that are to be copied, and those that are. */
  readonly wanted: number;
  readonly copied: number;
  /** Facts behind the newest copied one. */
  readonly behind: number;
}

/**
 * Compares what a region has copied of each other region's LOG with that LOG, fact by fact. Facts after the newest copied one are on their way; one that
 * is missing before it is a hole. What a region has removed from the front of its copies is not asked for.
 */
export async function compareCopies(
  region: AuditedRegion,
  logs: readonly WalkedLog[],
  { fromMs, findings }: { readonly fromMs: number; readonly findings: Findings },
): Promise<CopyFigures[]> {
  const { peers } = streamNames(region.id);
  const others = logs.filter((log) => log.region !== region.id);
  if (others.length === 0) return [];
  const { firstSeq } = await endsOf(region.bus, peers);
  const copies = new Map(
    others.map((log) => [log.region, { log, has: new SequenceSet(log.fromSeq, log.toSeq), first: Infinity, newest: 0 }]),
  );
  const filters = others.map((log) => subjects.replicated(log.region));
  await scanStream(region.bus, { stream: peers, subjects: filters, fromTimeMs: fromMs, headersOnly: true }, ({ subject, origin }) => {
    const copy = copies.get(parseFactSubject(subject)?.region ?? '');
    if (copy === undefined || origin === undefined) return;
    copy.has.add(origin.seq);
    copy.first = Math.min(copy.first, origin.seq);
    copy.newest = Math.max(copy.newest, origin.seq);
  });
  return [...copies.values()].map(({ log, has, first, newest }) => {
    const fromSeq = firstSeq > 1 ? first : log.fromSeq;
    let [wanted, copied, behind] = [0, 0, 0];
    for (const seq of log.replicated) {
      if (seq < fromSeq) continue;
      wanted += 1;
      if (has.has(seq)) copied += 1;
      else if (seq > newest) behind += 1;
      else findings.add('copy_missing', `${log.stream}:${seq} in ${region.id}`);
    }
    if (behind > 0) findings.add('copy_behind', `${log.stream} in ${region.id}`, behind);
    return { region: region.id, of: log.region, wanted, copied, behind };
  });
}
