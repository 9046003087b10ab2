import type { Origin } from './fact.ts';

/** What a stream says of itself. `created` changes when a stream is made anew under the same name. */
export interface StreamState {
  readonly created: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Where the message that the projection reached came from, as `originText` writes it; undefined when it is no copy or not there any more. */
  readonly originReached?: string | undefined;
}

export const originText = ({ stream, seq }: Origin): string => `${stream} ${seq}`;

/** Whether a projection may go on reading: after which sequence, whether that is the beginning again, or why not. */
export type Continuity =
  | { readonly kind: 'intact'; readonly after: number }
  | { readonly kind: 'again'; readonly after: number; readonly reason: string }
  | { readonly kind: 'broken'; readonly reason: string };

/** The last sequence that a projection has applied, and which stream it belongs to; null before the first. */
interface Reached {
  readonly seq: number;
  readonly streamCreated: string | null;
  /** Where the message with that sequence came from; null when it is no copy. */
  readonly origin: string | null;
}

const REMEDY = 'restore the stream, or build the read models from what it still has with "waybill projections rebuild"';

/**
 * Compares a checkpoint with the LOG it belongs to. A projection stops rather than leave a hole that nobody sees: every sequence after the checkpoint
 * must still be there. A first run begins wherever the stream begins.
 */
export function judgeLog(checkpoint: Reached, stream: StreamState): Continuity {
  const continuity = judgeBucket(checkpoint, stream);
  if (continuity.kind !== 'intact' || stream.firstSeq <= continuity.after + 1) return continuity;
  return broken(`sequences ${continuity.after + 1} to ${stream.firstSeq - 1} were removed before they were read`);
}

/** The same for a bucket, which drops what was overwritten. */
export function judgeBucket({ seq, streamCreated }: Reached, stream: StreamState): Continuity {
  if (streamCreated === null) return { kind: 'intact', after: Math.max(seq, stream.firstSeq - 1) };
  if (streamCreated !== stream.created) {
    return broken(`the stream was created anew at ${stream.created}; the checkpoint belongs to the one of ${streamCreated}`);
  }
  if (stream.lastSeq < seq) return broken(`the stream ends at ${stream.lastSeq}, before the checkpoint ${seq}`);
  return { kind: 'intact', after: seq };
}

const broken = (what: string): Continuity => ({ kind: 'broken', reason: `${what}: ${REMEDY}` });

/**
 * The same for PEERS, which holds copies: when it is another stream than before, it is read again from its beginning, for a fact that comes again
 * changes nothing. What it dropped before it was read is a hole that is recorded, and never stops what is to be read of the region's own LOG.
 */
export function judgeCopies(checkpoint: Reached, stream: StreamState): Continuity {
  const beforeFirst = Math.max(0, stream.firstSeq - 1);
  if (checkpoint.streamCreated === null) return { kind: 'intact', after: Math.max(checkpoint.seq, beforeFirst) };
  const what = whatHappened(checkpoint, stream);
  if (what === undefined) return { kind: 'intact', after: checkpoint.seq };
  return { kind: 'again', after: beforeFirst, reason: `the stream ${what}: reading it again from its beginning` };
}

/** Copies that a power cut took come again, mixed in another order: then another message than the one that was read last has its sequence. */
function whatHappened({ seq, streamCreated, origin }: Reached, stream: StreamState): string | undefined {
  const { originReached } = stream;
  if (streamCreated !== stream.created) return `was created anew at ${stream.created}`;
  if (stream.lastSeq < seq) return `ends at ${stream.lastSeq}, before the checkpoint ${seq}`;
  if (origin === null || originReached === undefined || origin === originReached) return undefined;
  return `has ${originReached} at the checkpoint ${seq}, where ${origin} was`;
}
