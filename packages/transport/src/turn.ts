/**
 * Gathers what is to be sent in one turn of the event loop and sends it together, so that it leaves in one write to the socket. Requests and
 * messages are separate callbacks, between which the client would flush each time.
 */
export class Turn {
  #waiting: (() => void)[] = [];

  /** Runs `send` at the end of this turn, after what was given before it. */
  atEnd(send: () => void): void {
    if (this.#waiting.length === 0) setImmediate(() => this.end());
    this.#waiting.push(send);
  }

  /** Sends what is waiting now, for who is about to flush or close. */
  end(): void {
    for (const send of this.#waiting.splice(0)) send();
  }
}
