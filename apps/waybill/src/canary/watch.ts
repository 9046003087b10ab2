/** How a canary event ended. `refused`: the door said no, or nothing in time; `accepted`: it was stored, and nobody waits for the delivery. */
export const RESULTS = ['delivered', 'accepted', 'refused', 'lost'] as const;
export type Result = (typeof RESULTS)[number];

/** What a door answered, or that it did not. */
export interface DoorAnswer {
  /** HTTP status; 0: no answer within the budget. */
  readonly status: number;
  /** The event's id in Waybill, when it was stored. */
  readonly eventId?: string | undefined;
  /** Why there is no event: a code of ours, or of the connection. */
  readonly reason?: string | undefined;
}

/** One finished canary event. Times in ms since it was sent. */
export interface Outcome extends DoorAnswer {
  readonly region: string;
  readonly result: Result;
  /** Until the door's answer. */
  readonly ackMs: number;
  /** Until it arrived at the canary; absent unless it was delivered. */
  readonly deliveryMs?: number | undefined;
}

export interface WatchOptions {
  /** Whether events are waited for after they were accepted. */
  readonly awaitsDelivery: boolean;
  /** How long, in ms; default: DELIVERY_BUDGET_MS. */
  readonly deliveryMs?: number | undefined;
  /** On a monotonic clock, in ms. */
  readonly nowMs: () => number;
  /** Told once for each event. */
  readonly ended: (outcome: Outcome) => void;
}

interface Flight {
  readonly region: string;
  readonly sentMs: number;
  arrivedMs?: number;
  answer?: DoorAnswer & { readonly ackMs: number };
}

/** An event that did not arrive within this time is lost, however late it comes. */
export const DELIVERY_BUDGET_MS = 60_000;

/** Keeps book on the canary events that are under way. A delivery may arrive before the door's answer does. Holds one minute's events at most. */
export class Watch {
  readonly #options: WatchOptions;
  readonly #flights = new Map<string, Flight>();

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** Whether every event has ended. */
  get isQuiet(): boolean {
    return this.#flights.size === 0;
  }

  /** An event is about to be sent to this region's door. */
  sent(id: string, region: string): void {
    this.#flights.set(id, { region, sentMs: this.#options.nowMs() });
  }

  answered(id: string, answer: DoorAnswer): void {
    const flight = this.#flights.get(id);
    if (flight === undefined) return;
    flight.answer = { ...answer, ackMs: this.#options.nowMs() - flight.sentMs };
    if (answer.status < 200 || answer.status > 299) return this.#end(id, flight, 'refused');
    if (!this.#options.awaitsDelivery) return this.#end(id, flight, 'accepted');
    if (flight.arrivedMs !== undefined) this.#end(id, flight, 'delivered');
  }

  /** What is not known, because it was given up or is somebody else's, is passed over; so is a repeat. */
  arrived(id: string): void {
    const flight = this.#flights.get(id);
    if (flight === undefined) return;
    flight.arrivedMs ??= this.#options.nowMs();
    if (flight.answer !== undefined) this.#end(id, flight, 'delivered');
  }

  /** Ends what was accepted and did not arrive in time. */
  giveUpLate(): void {
    const { nowMs, deliveryMs = DELIVERY_BUDGET_MS } = this.#options;
    for (const [id, flight] of this.#flights)
      if (flight.answer !== undefined && nowMs() - flight.sentMs > deliveryMs) this.#end(id, flight, 'lost');
  }

  #end(id: string, { answer = { status: 0, ackMs: 0 }, arrivedMs, region, sentMs }: Flight, result: Result): void {
    this.#flights.delete(id);
    const deliveryMs = result === 'delivered' && arrivedMs !== undefined ? arrivedMs - sentMs : undefined;
    this.#options.ended({ ...answer, region, result, deliveryMs });
  }
}
