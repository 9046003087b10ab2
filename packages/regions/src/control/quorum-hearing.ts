import { quorumSubject } from '@waybill/contracts';
import type { Bus } from '@waybill/transport';
import { z } from 'zod';

const wordSchema = z.object({ canWrite: z.boolean() });

/** What was said longer ago than three words does not count. */
const HEARD_MS = 3_000;
const SAY_EVERY_MS = 1_000;

/**
 * Says once a second to the other regions whether this one can write to the control bucket, and hears them. It goes over core NATS, which passes
 * through a hub that has lost its quorum.
 */
export class QuorumHearing {
  readonly #others: readonly string[];
  readonly #heard = new Map<string, { canWrite: boolean; atMs: number }>();
  readonly #stops: (() => void)[] = [];
  readonly #say: () => void;

  constructor(options: { bus: Bus; region: string; others: readonly string[]; canWrite: () => boolean }) {
    const { bus, region, others, canWrite } = options;
    this.#others = others;
    this.#say = () => {
      if (bus.isUp()) bus.nc.publish(quorumSubject(region), JSON.stringify({ canWrite: canWrite() }));
    };
    for (const other of others) {
      const subscription = bus.nc.subscribe(quorumSubject(other), { callback: (_error, message) => this.#hear(other, message.data) });
      this.#stops.push(() => subscription.unsubscribe());
    }
    const timer = setInterval(this.#say, SAY_EVERY_MS).unref();
    this.#stops.push(() => clearInterval(timer));
  }

  /** To be called at once when being able to write begins or ends. */
  sayNow(): void {
    this.#say();
  }

  /** True while every other region has just said that it cannot write either: then nobody can take anything over. */
  nobodyCanWrite(): boolean {
    const nowMs = performance.now();
    return (
      this.#others.length > 0 &&
      this.#others.every((other) => {
        const word = this.#heard.get(other);
        return word !== undefined && !word.canWrite && nowMs - word.atMs < HEARD_MS;
      })
    );
  }

  close(): void {
    for (const stop of this.#stops) stop();
  }

  #hear(other: string, data: Uint8Array): void {
    try {
      const { canWrite } = wordSchema.parse(JSON.parse(Buffer.from(data).toString('utf8')));
      this.#heard.set(other, { canWrite, atMs: performance.now() });
    } catch {
      this.#heard.delete(other);
    }
  }
}
