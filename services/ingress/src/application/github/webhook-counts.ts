/** Kinds of ignored webhooks that are counted each for itself; what comes beyond is counted together. */
const MAX_KINDS = 100;
const OTHERS = { event: 'other', action: undefined };

/** How many webhooks of one kind were ignored. `action` absent: the payload has none. */
export interface IgnoredKind {
  readonly event: string;
  readonly action: string | undefined;
  readonly count: number;
}

/** What this process did with the webhooks of GitHub since it started. */
export interface WebhookCountsView {
  readonly stored: number;
  readonly duplicates: number;
  /** Without a valid signature. */
  readonly forged: number;
  /** Finished runs that lack what a decision needs. */
  readonly unreadable: number;
  /** When the last one with a valid signature came. */
  readonly lastAt: string | undefined;
  readonly ignored: readonly IgnoredKind[];
}

/** Counts webhooks in memory; bounded, whatever GitHub invents. */
export class WebhookCounts {
  readonly #ignored = new Map<string, IgnoredKind>();
  #stored = 0;
  #duplicates = 0;
  #forged = 0;
  #unreadable = 0;
  #lastMs: number | undefined;

  signed(atMs: number): void {
    this.#lastMs = atMs;
  }

  forged(): void {
    this.#forged += 1;
  }

  unreadable(): void {
    this.#unreadable += 1;
  }

  accepted({ duplicate }: { readonly duplicate: boolean }): void {
    if (duplicate) this.#duplicates += 1;
    else this.#stored += 1;
  }

  ignored(event: string, action: string | undefined): void {
    const key = this.#keyOf(event, action);
    const counted = this.#ignored.get(key);
    const kind = counted ?? { ...(key === OTHERS.event ? OTHERS : { event, action }), count: 0 };
    this.#ignored.set(key, { ...kind, count: kind.count + 1 });
  }

  view(): WebhookCountsView {
    return {
      stored: this.#stored,
      duplicates: this.#duplicates,
      forged: this.#forged,
      unreadable: this.#unreadable,
      lastAt: this.#lastMs === undefined ? undefined : new Date(this.#lastMs).toISOString(),
      ignored: [...this.#ignored.values()],
    };
  }

  #keyOf(event: string, action: string | undefined): string {
    const key = `${event} ${action ?? ''}`;
    return this.#ignored.has(key) || this.#ignored.size < MAX_KINDS ? key : OTHERS.event;
  }
}
