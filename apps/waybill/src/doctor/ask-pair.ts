import { peerConsumer, regionBeatSchema, streamNames, subjects } from '@waybill/contracts';
import type { Bus } from '@waybill/transport';
import { z } from 'zod';
import { type BeatsSeen, judgeBeats, lagMs } from './canary.ts';
import { type CopySeen, judgeCopy } from './copy.ts';
import { type Finding, verdict } from './finding.ts';
import { judgeSource, type SourceSeen } from './source.ts';
import { orNothing } from './stream-errors.ts';

/** A region with a connection to it. */
export interface AskedRegion {
  readonly id: string;
  readonly bus: Bus;
}

/** Looks at everything that brings the facts and the registry of `peer` to `region`. */
export async function pairFindings(region: AskedRegion, peer: AskedRegion): Promise<Finding[]> {
  const { REGISTRY_STREAM } = await import('@waybill/transport');
  const sources = await Promise.all([
    askSource(region, peer.id, { stream: streamNames(region.id).peers, of: streamNames(peer.id).log }),
    askSource(region, peer.id, { stream: REGISTRY_STREAM, of: REGISTRY_STREAM }),
  ]);
  const [copy, beats] = [await askCopy(region, peer), await askBeats(region, peer)];
  const problems = [...sources.flatMap(judgeSource), ...judgeCopy(copy, Date.now()), ...judgeBeats(beats)];
  const lag = lagMs(beats);
  const well = `${copy.feed?.pending ?? 0} facts to come${lag === undefined ? '' : `, newest beat ${(lag / 1000).toFixed(1)} s behind`}`;
  return verdict(`${region.id} ← ${peer.id}`, problems, well);
}

const sourcesSchema = z
  .array(
    z.object({
      external: z.object({ api: z.string() }).optional(),
      active: z.number(),
      error: z.object({ err_code: z.number().optional(), code: z.number().optional(), description: z.string().optional() }).optional(),
    }),
  )
  .default([]);

/** The sources of registries all have the same name; what tells them apart is the API they are asked for by, which nats.js's types leave out. */
async function askSource(region: AskedRegion, peer: string, { stream, of }: { stream: string; of: string }): Promise<SourceSeen> {
  const info = await orNothing(region.bus.jsm.streams.info(stream));
  const sources = sourcesSchema.parse(info?.sources);
  const found = sources.find(({ external }) => external?.api === apiOf(peer));
  return {
    region: region.id,
    peer,
    stream,
    resetSubject: `${apiOf(peer)}.CONSUMER.RESET.${of}.${peerConsumer(region.id)}`,
    hearsOthers: sources.some((source) => source !== found && source.active >= 0),
    ...(found === undefined ? {} : { source: { ...heard(found.active), ...failed(found.error) } }),
  };
}

const apiOf = (region: string): string => `$JS.${region}.API`;
const heard = (activeNs: number): { heardMsAgo?: number } => (activeNs < 0 ? {} : { heardMsAgo: activeNs / 1e6 });
const failed = (error: z.infer<typeof sourcesSchema>[number]['error']): { error?: { code: number; text: string } } =>
  error === undefined ? {} : { error: { code: error.err_code ?? error.code ?? 0, text: error.description ?? 'no reason given' } };

/** The log is read before its consumer, and that before the copy: what moves meanwhile only makes the copy look better. */
async function askCopy(region: AskedRegion, peer: AskedRegion): Promise<CopySeen> {
  const [log, copies] = [streamNames(peer.id).log, streamNames(region.id).peers];
  const [first, newest] = await ends(peer.bus, log, subjects.replicated(peer.id));
  const feed = await orNothing(peer.bus.jsm.consumers.info(log, peerConsumer(region.id)));
  const [firstCopied, lastCopied] = await ends(region.bus, copies, subjects.replicated(peer.id));
  const info = await orNothing(region.bus.jsm.streams.info(copies));
  return {
    region: region.id,
    peer: peer.id,
    keptMs: (info?.config.max_age ?? 0) / 1e6,
    feed: feed && { ackedSeq: feed.ack_floor.stream_seq, pending: feed.num_pending },
    inLog: first && newest && { firstSeq: first.seq, firstAtMs: first.atMs, newestSeq: newest.seq },
    copied: copiedOf(firstCopied, lastCopied, (info?.state.first_seq ?? 1) > 1),
  };
}

const copiedOf = (first: Stored | undefined, last: Stored | undefined, isFrontRemoved: boolean): CopySeen['copied'] =>
  first?.originSeq === undefined || last?.originSeq === undefined
    ? undefined
    : { firstSeq: first.originSeq, lastSeq: last.originSeq, isFrontRemoved };

async function askBeats(region: AskedRegion, peer: AskedRegion): Promise<BeatsSeen> {
  const beat = subjects.fact(peer.id, 'g', 'region.beat');
  const [first, newest] = await ends(peer.bus, streamNames(peer.id).log, beat);
  const [, copied] = await ends(region.bus, streamNames(region.id).peers, beat);
  const [firstAtMs, newestAtMs, copiedAtMs] = [first, newest, copied].map(beatAtMs);
  return {
    region: region.id,
    peer: peer.id,
    inLog: firstAtMs === undefined || newestAtMs === undefined ? undefined : { firstAtMs, newestAtMs },
    copiedAtMs,
  };
}

type StoredMsg = NonNullable<Awaited<ReturnType<Bus['jsm']['streams']['getMessage']>>>;

interface Stored {
  readonly seq: number;
  readonly atMs: number;
  /** In the stream it was copied from. */
  readonly originSeq: number | undefined;
  readonly text: string;
}

/** The oldest and the newest message of a subject in a stream; neither where the stream is missing. */
async function ends(bus: Bus, stream: string, subject: string): Promise<[Stored | undefined, Stored | undefined]> {
  const newest = await orNothing(bus.jsm.streams.getMessage(stream, { last_by_subj: subject }));
  if (newest === undefined || newest === null) return [undefined, undefined];
  const first = await orNothing(bus.jsm.direct.getMessage(stream, { seq: 1, next_by_subj: subject }));
  const { parseOrigin } = await import('@waybill/transport');
  const stored = ({ seq, time, header, data }: StoredMsg): Stored => ({
    seq,
    atMs: time.getTime(),
    originSeq: parseOrigin(header.get('Nats-Stream-Source'))?.seq,
    text: Buffer.from(data).toString('utf8'),
  });
  return [first === undefined || first === null ? undefined : stored(first), stored(newest)];
}

function beatAtMs(stored: Stored | undefined): number | undefined {
  if (stored === undefined) return undefined;
  try {
    return Date.parse(regionBeatSchema.parse(JSON.parse(stored.text)).at);
  } catch {
    return undefined;
  }
}
