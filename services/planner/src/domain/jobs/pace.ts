/** How many deliveries a job may plan at the moment. Below 0: an item was larger than what was left, and that is waited off. */
export interface Pace {
  readonly tokens: number;
  readonly atMs: number;
}

/** A second's worth, and never less than one: what a job that was slow, or paused, may catch up on. */
const burstOf = (ratePerSecond: number): number => Math.max(1, ratePerSecond);

/** The pace at `nowMs`. Pure; a clock that went back gives nothing. */
export function refill({ tokens, atMs }: Pace, ratePerSecond: number, nowMs: number): Pace {
  const earned = (Math.max(0, nowMs - atMs) * ratePerSecond) / 1_000;
  return { tokens: Math.min(burstOf(ratePerSecond), tokens + earned), atMs: nowMs };
}

/** Ms until an item of `count` deliveries may be planned, at a pace that was just refilled; 0: now. An item larger than the burst waits for a full one. */
export function waitMs({ tokens }: Pace, ratePerSecond: number, count: number): number {
  const lacking = Math.min(count, burstOf(ratePerSecond)) - tokens;
  return lacking <= 0 ? 0 : Math.ceil((lacking * 1_000) / ratePerSecond);
}

export const spend = (pace: Pace, count: number): Pace => ({ ...pace, tokens: pace.tokens - count });
