/** How far back the pace of a build is measured. */
const WINDOW_MS = 10_000;

/** Measures how fast something gets on, over the last ten seconds. */
export class Pace {
  readonly #marks: { atMs: number; count: number }[] = [];

  mark(atMs: number, count: number): void {
    this.#marks.push({ atMs, count });
    while ((this.#marks[1]?.atMs ?? atMs) < atMs - WINDOW_MS) this.#marks.shift();
  }

  /** Whole ones per second; undefined until there is something to measure. */
  perSecond(): number | undefined {
    const [first] = this.#marks;
    const last = this.#marks.at(-1);
    if (first === undefined || last === undefined || last.atMs === first.atMs) return undefined;
    return Math.round(((last.count - first.count) * 1_000) / (last.atMs - first.atMs));
  }
}
