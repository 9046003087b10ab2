import { type LivePosition, reaches } from './live-position.ts';

/** One frame as it is sent. `position`: how far read models had come with it. */
export interface SentFrame {
  readonly position: LivePosition;
  readonly bytes: Uint8Array;
}

export interface RingBounds {
  readonly frames: number;
  readonly bytes: number;
}

/** The last frames that were sent, without a gap. */
export class FrameRing {
  readonly #bounds: RingBounds;
  #frames: SentFrame[] = [];
  #bytes = 0;
  #start: LivePosition;
  #end: LivePosition;

  constructor(start: LivePosition, bounds: RingBounds) {
    this.#start = start;
    this.#end = start;
    this.#bounds = bounds;
  }

  /** Everything after this is here. */
  get start(): LivePosition {
    return this.#start;
  }
  get end(): LivePosition {
    return this.#end;
  }

  push(frame: SentFrame): void {
    this.#frames.push(frame);
    this.#bytes += frame.bytes.length;
    this.#end = frame.position;
    if (this.#frames.length > this.#bounds.frames || this.#bytes > this.#bounds.bytes) this.#dropOldest();
  }

  /** Read models have come further, and nothing changed that anybody sees. */
  moveTo(position: LivePosition): void {
    this.#end = position;
  }

  /** Puts what came before in front. False when the ring does not begin at `upTo` any more, where `frames` end. */
  prepend(start: LivePosition, frames: readonly SentFrame[], upTo: LivePosition): boolean {
    if (this.#start !== upTo) return false;
    this.#frames = [...frames, ...this.#frames];
    for (const { bytes } of frames) this.#bytes += bytes.length;
    this.#start = start;
    return true;
  }

  /** What came after a position; undefined when some of that is not here any more. */
  after(position: LivePosition): readonly SentFrame[] | undefined {
    if (!reaches(position, this.#start)) return undefined;
    return this.#frames.filter((frame) => !reaches(position, frame.position));
  }

  /** A tenth at once: one by one would move all the others each time. */
  #dropOldest(): void {
    const dropped = this.#frames.splice(0, Math.ceil(this.#frames.length / 10));
    for (const { bytes } of dropped) this.#bytes -= bytes.length;
    this.#start = dropped.at(-1)?.position ?? this.#start;
  }
}
