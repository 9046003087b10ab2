export interface BatchLimits {
  /** Most items of a batch. */
  readonly size: number;
  /** How long the first item of a batch waits for others. */
  readonly waitMs: number;
  /** A batch that weighs so much is full as well, in bytes; absent: whatever it weighs. */
  readonly bytes?: number;
}

/** Does `work` once, after `ms`; returns how to call it off. */
export type Later = (work: () => void, ms: number) => () => void;

/** A source of items that can be told to end. */
export interface Feed<T> extends AsyncIterable<T> {
  stop(): void;
}

/**
 * Hands the items of a feed over in batches, one batch at a time and in order. Ends with the feed; while a batch is handled at most one more is
 * collected. When `handle` throws, the feed is stopped, later items are dropped, and the error is thrown.
 */
export async function inBatches<T>(
  feed: Feed<T>,
  limits: BatchLimits & { readonly later: Later; readonly weigh?: (item: T) => number },
  handle: (batch: readonly T[]) => Promise<void>,
): Promise<void> {
  let batch: T[] = [];
  let bytes = 0;
  let callOff: (() => void) | undefined;
  let handled: Promise<void> = Promise.resolve();
  const flush = (): Promise<void> => {
    callOff?.();
    const full = batch;
    batch = [];
    bytes = 0;
    if (full.length > 0) handled = handled.then(() => handle(full));
    handled.catch(() => feed.stop());
    return handled;
  };
  for await (const item of feed) {
    if (batch.push(item) === 1) callOff = limits.later(() => void flush().catch(() => undefined), limits.waitMs);
    bytes += limits.weigh?.(item) ?? 0;
    if (batch.length >= limits.size || bytes >= (limits.bytes ?? Infinity)) await flush();
  }
  await flush();
}
