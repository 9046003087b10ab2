import { ACK_EDGES_MS, type IntakeMeasured, latencyBucket, noCounts } from '@waybill/contracts';

/** Counts how an ingress answers; as large however long it counts. */
export class IntakeCounts {
  #fromMs: number | undefined;
  #ack = noCounts(ACK_EDGES_MS);
  #refused: Record<string, number> = {};

  /** An event was accepted, and its sender answered after so many ms; `nowMs` is when. */
  accepted(ms: number, nowMs: number): void {
    const bucket = latencyBucket(ACK_EDGES_MS, ms);
    this.#ack[bucket] = (this.#ack[bucket] ?? 0) + 1;
    this.#fromMs ??= nowMs;
  }

  /** A sender was answered that nothing was accepted. */
  refused(status: number, nowMs: number): void {
    this.#refused[status] = (this.#refused[status] ?? 0) + 1;
    this.#fromMs ??= nowMs;
  }

  /** What was counted since it was taken last, until `nowMs`; undefined: nothing. */
  take(region: string, nowMs: number): IntakeMeasured | undefined {
    if (this.#fromMs === undefined) return undefined;
    // A clock that was set back must not end it before it began.
    const [from, at] = [this.#fromMs, Math.max(this.#fromMs, nowMs)].map((ms) => new Date(ms).toISOString());
    const taken = { v: 1, region, from: from ?? '', at: at ?? '', ack: this.#ack, refused: this.#refused } as const;
    [this.#fromMs, this.#ack, this.#refused] = [undefined, noCounts(ACK_EDGES_MS), {}];
    return taken;
  }
}
