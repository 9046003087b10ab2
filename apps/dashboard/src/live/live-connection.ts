import type { LiveFrame, LiveState } from '@waybill/contracts';
import { promised } from '../api/promised.ts';

export interface LiveListener {
  readonly onFrame: (frame: LiveFrame) => void;
  readonly onState: (state: LiveState) => void;
  /** What was missed is not known: everything must be asked for again. */
  readonly onReset: () => void;
  readonly onConnected: (connected: boolean) => void;
  /** A connection ended that nobody here ended, or could not be made: the whole region may be away, or the person not signed in any more. */
  readonly onBroken: () => void;
}

const AGAIN_MS = [500, 1_000, 2_000, 5_000] as const;
/** Something comes every ten seconds. A connection on which nothing does is dead, which a browser does not find out for a long time. */
const SILENCE_MS = 35_000;

/**
 * Follows `/v1/live` from `open` to `close`, and goes on where it was when it is opened again. An EventSource comes back by itself after a broken connection,
 * but gives up on an answer that is none (503 while a service restarts): then it is made anew, and says by itself how far it had come. What changed before the
 * first connection was open is not told: everything is asked for then.
 */
export class LiveConnection {
  readonly #listener: LiveListener;
  #source: EventSource | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastId = '';
  #failures = 0;

  constructor(listener: LiveListener) {
    this.#listener = listener;
  }

  open(): void {
    this.close();
    const source = new EventSource(this.#lastId === '' ? '/v1/live' : `/v1/live?lastEventId=${encodeURIComponent(this.#lastId)}`);
    this.#source = source;
    this.#heard('');
    source.addEventListener('open', () => this.#opened());
    source.addEventListener('change', ({ data, lastEventId }) => {
      this.#heard(lastEventId);
      this.#listener.onFrame(promised<LiveFrame>(String(data)));
    });
    source.addEventListener('state', ({ data, lastEventId }) => {
      this.#heard(lastEventId);
      this.#listener.onState(promised<LiveState>(String(data)));
    });
    source.addEventListener('reset', ({ lastEventId }) => {
      this.#heard(lastEventId);
      this.#listener.onReset();
    });
    source.addEventListener('error', () => this.#failed(source));
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
  }

  #opened(): void {
    this.#failures = 0;
    if (this.#lastId === '') this.#listener.onReset();
    this.#listener.onConnected(true);
    this.#heard('');
  }

  #failed({ readyState }: EventSource): void {
    this.#broke();
    if (readyState !== EventSource.CLOSED) return;
    this.#reopen(AGAIN_MS[Math.min(this.#failures, AGAIN_MS.length - 1)] ?? 0);
    this.#failures += 1;
  }

  /** `id`: where the stream is now; empty while that is not known. */
  #heard(id: string): void {
    if (id !== '') this.#lastId = id;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#broke();
      this.#reopen(0);
    }, SILENCE_MS);
  }

  #broke(): void {
    this.#listener.onConnected(false);
    this.#listener.onBroken();
  }

  #reopen(waitMs: number): void {
    this.close();
    this.#timer = setTimeout(() => this.open(), waitMs);
  }
}
