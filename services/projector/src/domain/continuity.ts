/** What a stream says of itself. `created` changes when a stream is made anew under the same name. */
export interface StreamState {
  readonly created: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
}

/** Whether a projection may go on reading: after which sequence, or why not. */
export type Continuity = { readonly kind: 'intact'; readonly after: number } | { readonly kind: 'broken'; readonly reason: string };

const REMEDY = 'rebuild the read models from an empty store, or restore the stream';

/**
 * Compares a checkpoint with the stream it belongs to. A projection stops rather than leave a hole that nobody sees.
 * A first run begins wherever the stream begins. `expectWhole`: every sequence after the checkpoint must still be there; false for buckets,
 * which drop what was overwritten.
 */
export function judgeContinuity(
  checkpoint: { readonly seq: number; readonly streamCreated: string | null },
  stream: StreamState,
  expectWhole: boolean,
): Continuity {
  const { seq, streamCreated } = checkpoint;
  if (streamCreated === null) return { kind: 'intact', after: Math.max(seq, stream.firstSeq - 1) };
  if (streamCreated !== stream.created) {
    return broken(`the stream was created anew at ${stream.created}; the checkpoint belongs to the one of ${streamCreated}`);
  }
  if (stream.lastSeq < seq) return broken(`the stream ends at ${stream.lastSeq}, before the checkpoint ${seq}`);
  if (expectWhole && stream.firstSeq > seq + 1)
    return broken(`sequences ${seq + 1} to ${stream.firstSeq - 1} were removed before they were read`);
  return { kind: 'intact', after: seq };
}

const broken = (what: string): Continuity => ({ kind: 'broken', reason: `${what}: ${REMEDY}` });
