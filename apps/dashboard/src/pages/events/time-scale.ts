/** A time span in ms since 1970. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A span in which nothing happened, drawn shorter than it was. Percent of the width. */
export interface Gap extends Span {
  readonly fromPct: number;
  readonly toPct: number;
}

/** Where times are drawn, in percent of the width, ascending with time; and what was left short. */
export interface TimeScale extends Span {
  readonly at: (ms: number) => number;
  readonly gaps: readonly Gap[];
}

interface Piece extends Span {
  readonly isGap: boolean;
  readonly weight: number;
}

/** A wait is drawn short when it is longer than this, and than so many times all that was done. */
const LONG_MS = 1_000;
const LONG_TIMES = 3;
/** Shares: of all work together, the least of one stretch of work, a point in time, and of one wait with what its length adds. */
const WORK = 100;
const LEAST_WORK = 8;
const POINT = 1;
const GAP = 8;
const GAP_LOG = 5;

/**
 * A scale for work of milliseconds with waits of hours between: work is drawn in proportion, long waits are cut short, the longer ones less. Spans may overlap
 * and come in any order; at least one is needed.
 */
export function timeScale(work: readonly Span[]): TimeScale {
  const stretches = stretchesOf(work);
  const workMs = stretches.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
  const limitMs = Math.max(LONG_MS, workMs * LONG_TIMES);
  const pieces = piecesOf(joined(stretches, limitMs));
  const total = pieces.reduce((sum, { weight }) => sum + weight, 0);
  const places: (Gap & { readonly isGap: boolean })[] = [];
  let pct = 0;
  for (const { weight, ...piece } of pieces) {
    const toPct = pct + (weight / total) * 100;
    places.push({ ...piece, fromPct: pct, toPct });
    pct = toPct;
  }
  const [fromMs, toMs] = [places[0]?.fromMs ?? 0, places.at(-1)?.toMs ?? 0];
  const at = (ms: number): number => {
    const place = places.find((one) => ms <= one.toMs);
    if (place === undefined) return 100;
    const lengthMs = place.toMs - place.fromMs;
    const share = lengthMs === 0 ? 0 : Math.max(0, ms - place.fromMs) / lengthMs;
    return place.fromPct + share * (place.toPct - place.fromPct);
  };
  return { fromMs, toMs, at, gaps: places.filter(({ isGap }) => isGap) };
}

/** Work without overlaps, in order. */
const stretchesOf = (work: readonly Span[]): Span[] =>
  joined(
    work.toSorted((left, right) => left.fromMs - right.fromMs),
    0,
  );

/** Puts spans together that lie no further apart than `apartMs`. */
function joined(spans: readonly Span[], apartMs: number): Span[] {
  const result: Span[] = [];
  for (const span of spans) {
    const last = result.at(-1);
    if (last === undefined || span.fromMs - last.toMs > apartMs) result.push(span);
    else result[result.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, span.toMs) };
  }
  return result;
}

function piecesOf(stretches: readonly Span[]): Piece[] {
  const workMs = Math.max(
    1,
    stretches.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0),
  );
  return stretches.flatMap((stretch, index): Piece[] => {
    const lengthMs = stretch.toMs - stretch.fromMs;
    const weight = lengthMs === 0 ? POINT : Math.max(LEAST_WORK, (lengthMs / workMs) * WORK);
    const work = { ...stretch, isGap: false, weight };
    const before = stretches[index - 1];
    if (before === undefined) return [work];
    const gapMs = stretch.fromMs - before.toMs;
    return [{ fromMs: before.toMs, toMs: stretch.fromMs, isGap: true, weight: GAP + GAP_LOG * Math.log10(gapMs / LONG_MS) }, work];
  });
}
