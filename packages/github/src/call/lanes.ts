import type { Logger } from '@waybill/runtime';
import type { Answered } from './calls.ts';
import { limitOf } from './limits.ts';

interface Lane {
  active: number;
  readonly waiting: (() => void)[];
  limitedUntilMs: number;
  /** Limits in a row. */
  limits: number;
  status: number;
}

/** That calls through an installation must wait, and GitHub's status for it. */
export interface Limited {
  readonly retryAfterMs: number;
  readonly status: number;
}

/** Bounds the calls at once through each installation, and remembers which ones GitHub wants to be left alone. */
export class Lanes {
  readonly #lanes = new Map<string, Lane>();
  readonly #width: number;
  readonly #nowMs: () => number;
  readonly #logger: Logger | undefined;

  constructor(parts: { width: number; nowMs: () => number; logger: Logger | undefined }) {
    this.#width = parts.width;
    this.#nowMs = parts.nowMs;
    this.#logger = parts.logger;
  }

  #lane(key: string): Lane {
    const known = this.#lanes.get(key);
    if (known !== undefined) return known;
    const lane: Lane = { active: 0, waiting: [], limitedUntilMs: 0, limits: 0, status: 0 };
    this.#lanes.set(key, lane);
    return lane;
  }

  /** Runs `work` when it is its turn. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const lane = this.#lane(key);
    if (lane.active < this.#width) lane.active += 1;
    // The one that ends hands its place on.
    else await new Promise<void>((resolve) => void lane.waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = lane.waiting.shift();
      if (next === undefined) lane.active -= 1;
      else next();
      if (lane.active === 0 && lane.limits === 0) this.#lanes.delete(key);
    }
  }

  limited(key: string): Limited | undefined {
    const lane = this.#lanes.get(key);
    const retryAfterMs = (lane?.limitedUntilMs ?? 0) - this.#nowMs();
    return lane === undefined || retryAfterMs <= 0 ? undefined : { retryAfterMs, status: lane.status };
  }

  /** Takes note of an answer; says so when it is a limit. Answers to calls that were under way when a limit was told are of that same limit. */
  note(key: string, answer: Answered): Limited | undefined {
    const lane = this.#lanes.get(key);
    const nowMs = this.#nowMs();
    const { limits = 0, limitedUntilMs = 0 } = lane ?? {};
    const before = limitedUntilMs > nowMs ? limits - 1 : limits;
    const retryAfterMs = limitOf(answer, before, nowMs);
    if (retryAfterMs === undefined) {
      if (lane !== undefined && answer.status < 400 && limitedUntilMs <= nowMs) lane.limits = 0;
      return undefined;
    }
    const { status } = answer;
    const untilMs = Math.max(limitedUntilMs, nowMs + retryAfterMs);
    Object.assign(this.#lane(key), { limitedUntilMs: untilMs, limits: before + 1, status });
    this.#logger?.warn({ lane: key, status, retryAfterMs }, 'github.limited');
    return { retryAfterMs: untilMs - nowMs, status };
  }
}
