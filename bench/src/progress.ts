const EVERY_MS = 2_000;

/** Prints a line every two seconds until closed: a run that says nothing looks like one that hangs. */
export class Progress {
  readonly #timer: NodeJS.Timeout;
  readonly #startMs = performance.now();

  constructor(line: () => string) {
    this.#timer = setInterval(() => this.say(line()), EVERY_MS);
  }

  say(line: string): void {
    const seconds = (performance.now() - this.#startMs) / 1_000;
    process.stderr.write(`${seconds.toFixed(0).padStart(5)} s  ${line}\n`);
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
