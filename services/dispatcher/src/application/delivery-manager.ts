/** The worker of one region. */
export interface RegionWorker {
  readonly region: string;
  /** Gets ready to take work; resolves when it is. */
  start(): Promise<void>;
  /** Takes no more work; what is in flight goes on. */
  stopTaking(): void;
  close(): Promise<void>;
}

/** Supervises one worker per region. A worker that cannot start is reported and leaves the others alone. */
export class DeliveryManager<Worker extends RegionWorker> {
  readonly #workers: readonly Worker[];
  readonly #onFailure: (region: string, error: unknown) => void;
  readonly #started = new Set<Worker>();

  constructor(workers: readonly Worker[], onFailure: (region: string, error: unknown) => void) {
    this.#workers = workers;
    this.#onFailure = onFailure;
  }

  /** Starts all workers at once and returns those that started. */
  async start(): Promise<readonly Worker[]> {
    await Promise.all(this.#workers.map((worker) => this.#startOne(worker)));
    return [...this.#started];
  }

  /** The started worker that feeds on this stream's region; undefined when there is none. */
  find(isIt: (worker: Worker) => boolean): Worker | undefined {
    return [...this.#started].find(isIt);
  }

  stopTaking(): void {
    for (const worker of this.#started) worker.stopTaking();
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.close()));
  }

  async #startOne(worker: Worker): Promise<void> {
    try {
      await worker.start();
      this.#started.add(worker);
    } catch (error) {
      this.#onFailure(worker.region, error);
    }
  }
}
