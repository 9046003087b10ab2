/** The worker of one region. */
export interface RegionWorker {
  readonly region: string;
  /** Gets ready and takes work; resolves when it does. Rejects when it cannot, and soon after `stop` aborts. */
  start(stop: AbortSignal): Promise<void>;
  /** Resolves, with the reason, when a started worker cannot go on. */
  readonly ended: Promise<unknown>;
  /** What it waits for, or what is wrong with it; undefined when all is well. */
  readonly complaint: string | undefined;
  /** What is to be known of it though all is well. */
  readonly remark: string | undefined;
  /** Takes no more work; what is in flight goes on. */
  stopTaking(): void;
  /** Ends what is in flight and gives everything back. Also after a start that failed. */
  close(): Promise<void>;
}

export interface DeliveryManagerOptions<Worker> {
  readonly regions: readonly string[];
  /** Makes a worker anew for each start. */
  readonly make: (region: string) => Worker;
  /** Told each time that a worker could not start or go on, and when it is started again. */
  readonly onDown: (region: string, error: unknown, againInMs: number) => void;
  /** Waits; rejects as soon as `signal` aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly nowMs: () => number;
}

/** How one region is doing. */
export interface RegionHealth {
  readonly region: string;
  readonly ok: boolean;
  readonly detail?: string;
}

interface Slot<Worker> {
  readonly region: string;
  worker?: Worker;
  isUp: boolean;
  trouble: string | undefined;
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Keeps one worker per region running. Each is started, watched and started again on its own, with pauses of 1 s doubling to 30 s: a region that is
 * broken, slow or away costs the others nothing but its own attempts.
 */
export class DeliveryManager<Worker extends RegionWorker> {
  readonly #options: DeliveryManagerOptions<Worker>;
  readonly #slots: readonly Slot<Worker>[];
  readonly #stop = new AbortController();
  #kept: Promise<unknown> = Promise.resolve();

  constructor(options: DeliveryManagerOptions<Worker>) {
    this.#options = options;
    this.#slots = options.regions.map((region) => ({ region, isUp: false, trouble: 'starting' }));
  }

  /** Begins to start all workers, and returns. */
  start(): void {
    this.#kept = Promise.all(this.#slots.map((slot) => this.#keep(slot)));
  }

  /** The worker that is asked for, among those that start or run; undefined when there is none. */
  find(isIt: (worker: Worker) => boolean): Worker | undefined {
    return this.#slots.flatMap(({ worker }) => worker ?? []).find(isIt);
  }

  health(): RegionHealth[] {
    return this.#slots.map(({ region, worker, isUp, trouble }) => {
      const detail = [trouble, worker?.complaint, worker?.remark].filter((part) => part !== undefined).join('; ');
      const ok = isUp && worker?.complaint === undefined;
      return { region, ok, ...(detail === '' ? {} : { detail }) };
    });
  }

  stopTaking(): void {
    this.#stop.abort();
    for (const { worker } of this.#slots) worker?.stopTaking();
  }

  async close(): Promise<void> {
    this.stopTaking();
    await this.#kept;
    await Promise.all(this.#slots.map((slot) => this.#close(slot)));
  }

  async #keep(slot: Slot<Worker>): Promise<void> {
    const { onDown, sleep, nowMs } = this.#options;
    const { signal } = this.#stop;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      const startedMs = nowMs();
      const error = await this.#run(slot);
      if (signal.aborted) return;
      // A worker that ran for long begins anew; one that falls over again and again does not.
      if (nowMs() - startedMs >= LONGEST_PAUSE_MS) pauseMs = FIRST_PAUSE_MS;
      slot.trouble = `stopped: ${describe(error)}; started again within ${pauseMs / 1000} s`;
      onDown(slot.region, error, pauseMs);
      await this.#close(slot);
      await sleep(pauseMs, signal).catch(() => undefined);
      if (signal.aborted) return;
    }
  }

  /** Runs a new worker until it ends by itself, and tells why it did; or until all are told to stop. */
  async #run(slot: Slot<Worker>): Promise<unknown> {
    const { signal } = this.#stop;
    try {
      const worker = this.#options.make(slot.region);
      slot.worker = worker;
      await worker.start(signal);
      slot.isUp = true;
      slot.trouble = undefined;
      return await Promise.race([worker.ended, whenAborted(signal)]);
    } catch (error) {
      return error;
    } finally {
      slot.isUp = false;
    }
  }

  /** A worker that cannot even be closed must not keep its region down for ever. */
  async #close(slot: Slot<Worker>): Promise<void> {
    const { worker } = slot;
    if (worker === undefined) return;
    try {
      worker.stopTaking();
      await worker.close();
    } catch (error) {
      slot.trouble = `not closed: ${describe(error)}`;
    } finally {
      delete slot.worker;
    }
  }
}

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const whenAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
