interface Rest {
  /** Calls in a row that got no answer. */
  failures: number;
  untilMs: number;
  /** One call is finding out whether GitHub is back. */
  isProbed: boolean;
}

const FAILURES = 5;
const FIRST_MS = 1_000;
const LONGEST_MS = 15_000;

/**
 * Keeps calls back while GitHub does not answer. After five failures in a row a lane rests for a second, then one call finds out whether GitHub is back; each
 * time it is not, the rest doubles, up to 15 s. Thousands of runs may wait for the end of an outage: without this each would ask by itself, again and again.
 */
export class Rests {
  readonly #rests = new Map<string, Rest>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Whether a call must not be made now. When a rest is over, the one who asks first goes ahead, and the others rest on until it is known how that went. */
  mustRest(key: string): boolean {
    const rest = this.#rests.get(key);
    if (rest === undefined || rest.failures < FAILURES) return false;
    if (this.#nowMs() < rest.untilMs) return true;
    rest.untilMs = this.#nowMs() + restMs(rest.failures);
    rest.isProbed = true;
    return false;
  }

  failed(key: string): void {
    const rest = this.#rests.get(key) ?? { failures: 0, untilMs: 0, isProbed: false };
    this.#rests.set(key, rest);
    // Those that were under way when the rest began are no news.
    if (rest.failures >= FAILURES && !rest.isProbed) return;
    rest.failures += 1;
    rest.isProbed = false;
    if (rest.failures >= FAILURES) rest.untilMs = this.#nowMs() + restMs(rest.failures);
  }

  answered(key: string): void {
    this.#rests.delete(key);
  }
}

const restMs = (failures: number): number => Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - FAILURES));
