/** Reads for several at once: whoever asks while an answer is awaited gets that one. */
export function oneAtATime<T>(read: () => T | Promise<T>): () => Promise<T> {
  let reading: Promise<T> | undefined;
  return () => (reading ??= (async () => read())().finally(() => (reading = undefined)));
}
