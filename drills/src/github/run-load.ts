import type { GithubFake } from '@waybill/github-fake';
import { endRun, type SentRun } from './github-world.ts';

/** Ends runs at a steady rate, one owner after the other, until it is stopped. */
export class RunLoad {
  readonly sent: SentRun[] = [];
  readonly #fake: GithubFake;
  readonly #owners: readonly string[];
  readonly #ratePerSecond: number;
  readonly #startMs = performance.now();
  #timer: NodeJS.Timeout | undefined;

  constructor(fake: GithubFake, owners: readonly string[], ratePerSecond: number) {
    this.#fake = fake;
    this.#owners = owners;
    this.#ratePerSecond = ratePerSecond;
    this.#timer = setInterval(() => this.#catchUp(), 10);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #catchUp(): void {
    const due = Math.floor(((performance.now() - this.#startMs) / 1_000) * this.#ratePerSecond);
    while (this.sent.length < due) this.sent.push(endRun(this.#fake, this.#owners[this.sent.length % this.#owners.length] ?? ''));
  }
}
