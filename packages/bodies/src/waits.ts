const FORGET_AFTER_MS = 300_000;
const MAX_KEPT = 1_000;

/** The payloads that were asked for and could not be had for the time being. */
export class Waits {
  readonly #nowMs: () => number;
  readonly #waits = new Map<string, { readonly detail: string; readonly atMs: number }>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** `detail` undefined: this one is waited for no more. */
  note(sha256: string, detail: string | undefined): void {
    this.#waits.delete(sha256);
    if (detail === undefined) return;
    this.#waits.set(sha256, { detail, atMs: this.#nowMs() });
    const [oldest] = this.#waits.size > MAX_KEPT ? this.#waits.keys() : [];
    if (oldest !== undefined) this.#waits.delete(oldest);
  }

  /** What is waited for, in words. What nobody has asked for in five minutes is not counted. */
  get remark(): string | undefined {
    const sinceMs = this.#nowMs() - FORGET_AFTER_MS;
    for (const [sha256, { atMs }] of this.#waits) if (atMs < sinceMs) this.#waits.delete(sha256);
    const newest = [...this.#waits.values()].at(-1);
    return newest === undefined ? undefined : `waits for ${this.#waits.size} large payloads: ${newest.detail}`;
  }
}
