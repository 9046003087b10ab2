const originMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/** Milliseconds of the machine's monotonic clock: comparable between processes of one machine, which `performance.now()` is not. */
export const monotonicMs = (): number => originMs + performance.now();

/** Resolves after `ms` milliseconds. */
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
