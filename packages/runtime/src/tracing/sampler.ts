/** Decides which traces are recorded, from their ids alone and alike in every process, up to so many a second. */
export class Sampler {
  readonly #least: number;
  readonly #perSecond: number;
  readonly #nowMs: () => number;
  #secondMs = 0;
  #begun = 0;

  /** `ratio`: 0 to 1, both exact. `perSecond`: new traces of this process in a second; 0: no limit. */
  constructor({
    ratio,
    perSecond,
    nowMs = Date.now,
  }: {
    readonly ratio: number;
    readonly perSecond: number;
    readonly nowMs?: () => number;
  }) {
    this.#least = Math.round((1 - ratio) * RANGE);
    this.#perSecond = perSecond;
    this.#nowMs = nowMs;
  }

  /** Whether a trace that begins here is recorded. */
  takes(traceId: string): boolean {
    return randomnessOf(traceId) >= this.#least && this.hasRoom();
  }

  /** Whether one more trace may be recorded in this second; it counts. */
  hasRoom(): boolean {
    if (this.#perSecond === 0) return true;
    const nowMs = this.#nowMs();
    if (nowMs - this.#secondMs >= SECOND_MS || nowMs < this.#secondMs) [this.#secondMs, this.#begun] = [nowMs, 0];
    this.#begun += 1;
    return this.#begun <= this.#perSecond;
  }
}

const SECOND_MS = 1_000;
/** OpenTelemetry samples by the low 56 bits of a trace id, which are random in ours too. The highest 52 of them are exact in a number. */
const RANGE = 2 ** 52;
const randomnessOf = (traceId: string): number => Number.parseInt(traceId.slice(18, 31), 16);
