import type { DoorAnswer, Watch } from './watch.ts';

/** The public door of a region. */
export interface Door {
  readonly region: string;
  readonly url: string;
}

export interface RoundsPorts {
  /** The doors there are now: regions join a running stack. */
  readonly doors: () => readonly Door[];
  /** Whether a region knows the canary's source. Never rejects. */
  readonly isKnown: (door: Door) => Promise<boolean>;
  /** Sends one event and resolves within its budget, with status 0 when there was no answer. Never rejects. */
  readonly send: (door: Door, id: string) => Promise<DoorAnswer>;
  readonly newId: () => string;
  /** A door does not know the canary's source, or knows another secret: it has to be set up again. */
  readonly unknown: () => void;
  /** Waits; resolves at once when the canary ends. */
  readonly pause: (ms: number) => Promise<void>;
  /** On a monotonic clock. */
  readonly nowMs: () => number;
  readonly everyMs: number;
}

const UNKNOWN: ReadonlySet<string> = new Set(['WB_SOURCE_UNKNOWN', 'WB_SIGNATURE_INVALID']);
/** The registry brings a new source to the other regions within a second or two; one that is away is not waited for longer. */
const KNOWN_BUDGET_MS = 15_000;
const POLL_MS = 250;

/** Sends one event to every door at a fixed interval. Each door has a round of its own, and its answers are not waited for: one that hangs delays nobody. */
export class Rounds {
  readonly #ports: RoundsPorts;
  readonly #watch: Watch;
  readonly #visited = new Set<string>();

  constructor(ports: RoundsPorts, watch: Watch) {
    this.#ports = ports;
    this.#watch = watch;
  }

  /** Until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { doors, everyMs, pause } = this.#ports;
    while (!signal.aborted) {
      this.#watch.giveUpLate();
      for (const { region } of doors()) if (!this.#visited.has(region)) void this.#visit(region, signal);
      await pause(everyMs);
    }
  }

  /** Until the region is there no more. Before it knows the canary's source it would refuse events, so that is waited for, within limits. */
  async #visit(region: string, signal: AbortSignal): Promise<void> {
    const { everyMs, isKnown, nowMs, pause } = this.#ports;
    const current = (): Door | undefined => (signal.aborted ? undefined : this.#ports.doors().find((door) => door.region === region));
    this.#visited.add(region);
    const deadline = nowMs() + KNOWN_BUDGET_MS;
    for (let door = current(); door !== undefined && nowMs() < deadline && !(await isKnown(door)); door = current()) await pause(POLL_MS);
    for (let door = current(); door !== undefined; door = current()) {
      void this.#one(door);
      await pause(everyMs);
    }
    this.#visited.delete(region);
  }

  async #one(door: Door): Promise<void> {
    const { newId, send, unknown } = this.#ports;
    const id = newId();
    this.#watch.sent(id, door.region);
    const answer = await send(door, id);
    this.#watch.answered(id, answer);
    if (UNKNOWN.has(answer.reason ?? '')) unknown();
  }
}
