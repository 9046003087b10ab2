const MINUTE = 60_000;
const FIRST_MS = 3 * MINUTE;
const GROWTH = 5;
const LONGEST_MS = 24 * 60 * MINUTE;
/** A stretch is kept in memory until it was read as a whole, so a busy region's stretches stay short. */
const MESSAGES = 100_000;

/** A stretch of time that was read, in ms, and how many messages it held. */
export interface Stretch {
  readonly lengthMs: number;
  readonly messages: number;
}

/**
 * How long the next stretch is, in ms, when a stream is read back in time: three minutes first, after which two are certain (newest is most urgent), then five
 * times as long each, as far as about 100,000 messages (at the pace of the one before) allow. At least a minute, at most a day.
 */
export function nextStretchMs(before: Stretch | undefined): number {
  if (before === undefined) return FIRST_MS;
  const affordable = before.messages === 0 ? LONGEST_MS : Math.floor((before.lengthMs * MESSAGES) / before.messages);
  return Math.max(MINUTE, Math.min(before.lengthMs * GROWTH, affordable, LONGEST_MS));
}
