/**
 * That a region took a delivery on itself: by claiming it from another one, or by planning the event in place of the region that accepted it. It counts
 * for more than the plan of the accepting region. `atMs`: when it did, ms since 1970.
 */
export interface Hold {
  readonly by: string;
  readonly atMs: number;
}

/**
 * The hold that counts: the newer one, with equal times that of the region whose id sorts last, so that all regions agree. Two takeovers of one delivery
 * lie seconds apart (a lease must run out or an operator must act in between), so clocks that differ by less put them in the right order.
 */
export function newerHold(one: Hold | undefined, other: Hold): Hold {
  if (one === undefined) return other;
  if (one.atMs !== other.atMs) return one.atMs > other.atMs ? one : other;
  return one.by > other.by ? one : other;
}
