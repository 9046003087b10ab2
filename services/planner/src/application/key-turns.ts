import type { Handled } from '@waybill/transport';

/** Handlers that may wait for another one; beyond, messages are given back. */
const MOST_WAITING = 128;
const AGAIN_MS = 500;
const AGAIN: Handled = { kind: 'again', delayMs: AGAIN_MS, reason: 'an earlier event with this ordering key is not planned yet' };

/**
 * Has the events of one ordering key planned one after the other, in the order of the LOG, so that their plans stand there in that order too. An event
 * that is given back holds up the later ones of its key until it is done. Only what was met here is known: before the first event is taken, and after each
 * lost connection, those that were handed out to nobody who lives and not settled must be `expect`ed; `isKnown` resolves when they are.
 */
export class KeyTurns {
  readonly #isKnown: () => Promise<void>;
  /** Sequences of the events that are not done, in order. */
  readonly #open = new Map<string, number[]>();
  readonly #keys = new Map<number, string>();
  readonly #running = new Map<number, Promise<Handled>>();
  #waiting = 0;

  constructor(isKnown: () => Promise<void> = () => Promise.resolve()) {
    this.#isKnown = isKnown;
  }

  /** An event that will be handed out (again). */
  expect(key: string, seq: number): void {
    if (this.#keys.has(seq)) return;
    this.#keys.set(seq, key);
    const open = this.#open.get(key) ?? [];
    this.#open.set(key, open);
    let at = open.length;
    while (at > 0 && (open[at - 1] ?? 0) > seq) at -= 1;
    open.splice(at, 0, seq);
  }

  /** Nothing more comes of an event. */
  end(seq: number): void {
    const key = this.#keys.get(seq);
    if (key === undefined) return;
    this.#keys.delete(seq);
    const open = this.#open.get(key) ?? [];
    open.splice(open.indexOf(seq), 1);
    if (open.length === 0) this.#open.delete(key);
  }

  /** Plans an event when its turn comes; gives it back when that is not at hand. To be called in the order of the LOG, before anything is waited for. */
  inTurn(key: string, seq: number, plan: () => Promise<Handled>): Promise<Handled> {
    this.expect(key, seq);
    const running = this.#run({ key, seq }, plan);
    this.#running.set(seq, running);
    const forget = (): void => {
      if (this.#running.get(seq) === running) this.#running.delete(seq);
    };
    running.then(forget, forget);
    return running;
  }

  async #run({ key, seq }: { key: string; seq: number }, plan: () => Promise<Handled>): Promise<Handled> {
    await this.#isKnown();
    const open = this.#open.get(key) ?? [];
    const previous = open[open.indexOf(seq) - 1];
    if (previous !== undefined && !(await this.#isDone(previous))) return AGAIN;
    // Whoever came first may have been met only now.
    if (this.#open.get(key)?.[0] !== seq) return AGAIN;
    const handled = await plan();
    if (handled.kind !== 'again') this.end(seq);
    return handled;
  }

  async #isDone(seq: number): Promise<boolean> {
    const running = this.#running.get(seq);
    if (running === undefined || this.#waiting >= MOST_WAITING) return false;
    this.#waiting += 1;
    try {
      return (await running).kind !== 'again';
    } catch {
      return false;
    } finally {
      this.#waiting -= 1;
    }
  }
}
