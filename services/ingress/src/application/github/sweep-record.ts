import type { DispatchSwept } from '@waybill/contracts';

/** How far the App's delivery list was read, in the log of facts. */
export interface SweepLog {
  readonly region: string;
  /** The newest such fact of any region, as far as this one knows. */
  readonly lastSwept: () => Promise<DispatchSwept | undefined>;
  readonly append: (fact: DispatchSwept) => Promise<unknown>;
  readonly nowMs: () => number;
}

/** What one reading of the list came to. */
export interface Swept {
  readonly fromMs: number;
  readonly toMs: number;
  readonly listed: number;
  readonly gapSeconds: number;
}

type Redelivered = DispatchSwept['redelivered'][number];

/** What is asked for changes the fact at once; without that, one fact in this time. */
const FACT_EVERY_MS = 600_000;
/** Deliveries named in one fact, so that it stays well under the largest message. */
const MAX_NAMED = 500;

const instant = (ms: number): string => new Date(ms).toISOString();

/** Remembers how far the list was read, across processes and regions: by facts, appended when there is something to tell. */
export class SweepRecord {
  readonly #log: SweepLog;
  #noted: Redelivered[] = [];
  #sweptToMs: number | undefined;
  #factMs: number | undefined;
  #hadGap = false;
  #isLoaded = false;

  constructor(log: SweepLog) {
    this.#log = log;
  }

  /** Everything that GitHub made before was delivered, or asked for again. Undefined: nobody has looked yet. */
  get sweptToMs(): number | undefined {
    return this.#sweptToMs;
  }

  /** Reads the newest fact, unless this was done before. */
  async load(): Promise<void> {
    if (this.#isLoaded) return;
    const last = await this.#log.lastSwept();
    this.#sweptToMs = last && Date.parse(last.to);
    this.#factMs = last && Date.parse(last.at);
    this.#isLoaded = true;
  }

  /** Another region sweeps now: what it writes counts, and is read when this one begins again. */
  forget(): void {
    this.#isLoaded = false;
  }

  /** Notes a delivery for the next fact. */
  note(redelivered: Redelivered): void {
    this.#noted.push(redelivered);
  }

  /** Notes how far was read, and appends that when it is worth a fact. */
  async append(swept: Swept): Promise<void> {
    const hasGap = swept.gapSeconds > 0;
    const isDue = this.#factMs === undefined || swept.toMs - this.#factMs >= FACT_EVERY_MS;
    if (isDue || this.#noted.length > 0 || hasGap !== this.#hadGap) await this.#appendAll(swept);
    this.#hadGap = hasGap;
    this.#sweptToMs = swept.toMs;
  }

  /** Only the last of several facts says that the list was read: whoever starts after a crash in between must not believe the others. */
  async #appendAll(swept: Swept): Promise<void> {
    while (this.#noted.length > MAX_NAMED) {
      await this.#log.append(this.#factOf({ ...swept, toMs: swept.fromMs }, this.#noted.slice(0, MAX_NAMED)));
      this.#noted = this.#noted.slice(MAX_NAMED);
    }
    await this.#log.append(this.#factOf(swept, this.#noted));
    this.#noted = [];
    this.#factMs = swept.toMs;
  }

  #factOf({ fromMs, toMs, listed, gapSeconds }: Swept, redelivered: readonly Redelivered[]): DispatchSwept {
    const { region, nowMs } = this.#log;
    return {
      v: 1,
      region,
      from: instant(fromMs),
      to: instant(toMs),
      listed,
      redelivered: [...redelivered],
      gapSeconds,
      at: instant(nowMs()),
    };
  }
}
