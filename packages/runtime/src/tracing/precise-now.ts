/** How far the two clocks may be apart, in ms: the wall clock tells whole ones. */
const APART_MS = 2;

let offsetMs = performance.timeOrigin;

/** Now, in ms since 1970 with fractions, for the starts and ends of spans. Follows the wall clock when that is set or drifts away. */
export function preciseNow(): number {
  const [wallMs, sinceStartMs] = [Date.now(), performance.now()];
  if (Math.abs(wallMs - (offsetMs + sinceStartMs)) > APART_MS) offsetMs = wallMs - sinceStartMs;
  return offsetMs + sinceStartMs;
}
