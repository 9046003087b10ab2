/** The lease was seen to have run out, the region was given up, its last word is here, the first deliveries were taken, all that it may owe was looked at. */
export type TakeoverMoment = 'detect' | 'fence' | 'drain' | 'route' | 'verify';

/** How a takeover went. */
export interface TakeoverTold {
  readonly of: string;
  readonly epoch: number;
  /** Whether all that the region may owe was looked at; else this one ceased to stand in before that. */
  readonly isCaughtUp: boolean;
  readonly taken: number;
  /** As they came, ms since 1970; what did not happen is left out. */
  readonly moments: readonly { readonly moment: TakeoverMoment; readonly atMs: number }[];
  readonly endedMs: number;
}

/** Looks at takeovers. Never throws. */
export interface WatchTakeovers {
  begun(of: string): void;
  /** When it has caught up, or ceased. */
  over(told: TakeoverTold): void;
}

export interface TakeoverStoryOptions {
  readonly of: string;
  readonly epoch: number;
  readonly watch: WatchTakeovers | undefined;
  readonly nowMs: () => number;
}

/** Follows one takeover until it has caught up, and tells of it once. */
export class TakeoverStory {
  readonly #options: TakeoverStoryOptions;
  readonly #moments = new Map<TakeoverMoment, number>();
  #isOver = false;

  constructor(options: TakeoverStoryOptions) {
    this.#options = options;
  }

  /** The first time counts. */
  note(moment: TakeoverMoment, atMs = this.#options.nowMs()): void {
    if (!this.#moments.has(moment)) this.#moments.set(moment, atMs);
  }

  /** Nothing that comes later is told. */
  end(taken: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { of, epoch, watch, nowMs } = this.#options;
    const moments = [...this.#moments].map(([moment, atMs]) => ({ moment, atMs }));
    watch?.over({ of, epoch, isCaughtUp: this.#moments.has('verify'), taken, moments, endedMs: nowMs() });
  }
}
