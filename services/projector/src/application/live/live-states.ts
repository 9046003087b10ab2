import type { LiveState } from '@waybill/contracts';
import type { Later } from '../in-batches.ts';

export interface LiveStatePorts {
  /** What can be known at once. */
  readonly look: () => Omit<LiveState, 'behind'>;
  /** Messages that are not read yet; null while that cannot be known. Never throws. */
  readonly behind: () => Promise<number | null>;
  readonly isFollowed: () => boolean;
  readonly tell: (state: LiveState) => void;
  readonly later: Later;
}

const LOOK_MS = 2_000;
/** Told at least every so many looks: that is also how everybody on the way sees that the connection lives. */
const TOLD_EVERY = 5;
/** So far behind, what is shown is old. Less is always told a moment later. */
const FAR_BEHIND = 1_000;

/** Tells those who follow how the read models are: when it changes, and every ten seconds. */
export class LiveStates {
  readonly #ports: LiveStatePorts;
  #behind: number | null = null;
  #told = '';
  #looks = 0;
  #callOff: (() => void) | undefined;

  constructor(ports: LiveStatePorts) {
    this.#ports = ports;
  }

  start(): void {
    this.#callOff = this.#ports.later(() => void this.#look(), LOOK_MS);
  }

  stop(): void {
    this.#callOff?.();
  }

  current(): LiveState {
    return { behind: this.#behind, ...this.#ports.look() };
  }

  async #look(): Promise<void> {
    this.start();
    if (!this.#ports.isFollowed()) return;
    this.#tellWhenDue();
    this.#behind = await this.#ports.behind();
  }

  #tellWhenDue(): void {
    this.#looks += 1;
    const state = this.current();
    const seen = JSON.stringify({ ...state, behind: state.behind === null ? null : state.behind >= FAR_BEHIND });
    if (seen === this.#told && this.#looks % TOLD_EVERY !== 0) return;
    this.#told = seen;
    this.#ports.tell(state);
  }
}
