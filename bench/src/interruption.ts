/** Rejects when the process is asked to end (Ctrl-C, SIGTERM) before the work is done, so that what was started is stopped as after a failure. */
export async function untilInterrupted<Result>(work: Promise<Result>): Promise<Result> {
  const { promise: interrupted, reject } = Promise.withResolvers<never>();
  const asked = (signal: NodeJS.Signals): void => reject(new Error(`stopped by ${signal}`));
  process.on('SIGINT', asked);
  process.on('SIGTERM', asked);
  try {
    return await Promise.race([work, interrupted]);
  } finally {
    process.off('SIGINT', asked);
    process.off('SIGTERM', asked);
  }
}
