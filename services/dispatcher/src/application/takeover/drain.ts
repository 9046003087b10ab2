/** What a region still has to do for tenants whom another region may stand in for. */
export interface Backlog {
  /** Deliveries that wait for their first attempt. */
  readonly waiting: number;
  /** Attempts that were begun and whose facts are not stored yet. */
  readonly underWay: number;
}

export interface DrainPorts {
  readonly backlog: () => Promise<Backlog>;
  /** Whether this region is taking over from another one. */
  readonly isTaking: () => boolean;
  /** Begins nothing any more, from now on. */
  readonly close: () => void;
  /** Cuts off what is under way. */
  readonly cut: () => void;
  readonly nowMs: () => number;
  /** So long what waits is worked off. */
  readonly timeoutMs: number;
}

/** Attempts that do not end by themselves in this time are cut off; they come back as retries. */
const CUT_AFTER_MS = 20_000;

/**
 * Lets go of a region's work: works off what waits for a first attempt, then begins nothing more, then waits until everything it did is in its LOG.
 * Retries are left to whoever stands in.
 */
export class Drain {
  readonly #ports: DrainPorts;
  readonly #startedMs: number;
  #closedMs: number | undefined;
  #waitingFor: string | undefined;

  constructor(ports: DrainPorts) {
    this.#ports = ports;
    this.#startedMs = ports.nowMs();
  }

  /** What it waits for. */
  get waitingFor(): string | undefined {
    return this.#waitingFor;
  }

  /** To be called again and again; resolves true when nothing is left to be done or told. */
  async step(): Promise<boolean> {
    const { backlog, isTaking, nowMs, timeoutMs } = this.#ports;
    const { waiting, underWay } = await backlog();
    if (this.#closedMs === undefined) {
      this.#waitingFor = `${waiting} deliveries that wait and ${underWay} attempts`;
      if (waiting + underWay === 0 || nowMs() - this.#startedMs >= timeoutMs) this.#close();
      // Something may have begun since it was counted.
      return false;
    }
    if (underWay > 0 && nowMs() - this.#closedMs >= CUT_AFTER_MS) this.#ports.cut();
    this.#waitingFor = `${underWay} attempts`;
    return underWay === 0 && !isTaking();
  }

  #close(): void {
    this.#closedMs = this.#ports.nowMs();
    this.#ports.close();
  }
}
