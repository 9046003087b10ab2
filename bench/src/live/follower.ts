import type { Readable } from 'node:stream';
import { type Dispatcher, request } from 'undici';
import { monotonicMs, pause } from '../measure/clock.ts';

const AGAIN_MS = 500;
const EVENT_ID = /"events":\[(.*?)\]/;
const ID = /"id":"([^"]+)"/g;

export interface FollowerWishes {
  readonly url: string;
  readonly adminKey: string;
  readonly dispatcher: Dispatcher;
}

/** One who follows live as a browser does: it comes back by itself to where it was. */
export class Follower {
  readonly #wishes: FollowerWishes;
  /** When each event was named first. */
  readonly seenAtMs = new Map<string, number>();
  resets = 0;
  connections = 0;
  frames = 0;
  #lastId = '';
  #body: Readable | undefined;
  #isOver = false;

  constructor(wishes: FollowerWishes) {
    this.#wishes = wishes;
  }

  /** Follows until `stop`. */
  async run(): Promise<void> {
    while (!this.#isOver) {
      await this.#once().catch(() => undefined);
      if (!this.#isOver) await pause(AGAIN_MS);
    }
  }

  /** Whether it knows where it is. */
  get isPlaced(): boolean {
    return this.#lastId !== '';
  }

  /** Reads nothing more for a while, then gives its connection up and comes back. */
  async stall(ms: number): Promise<void> {
    const body = this.#body;
    body?.pause();
    await pause(ms);
    body?.destroy();
  }

  stop(): void {
    this.#isOver = true;
    this.#body?.destroy();
  }

  async #once(): Promise<void> {
    const { url, adminKey, dispatcher } = this.#wishes;
    const came = this.#lastId === '' ? {} : { 'last-event-id': this.#lastId };
    const headers = { authorization: `Bearer ${adminKey}`, accept: 'text/event-stream', ...came };
    const { statusCode, body } = await request(`${url}/v1/live`, { dispatcher, headers, bodyTimeout: 0 });
    if (statusCode !== 200) return body.dump();
    this.#body = body;
    this.connections += 1;
    let rest = '';
    body.setEncoding('utf8');
    for await (const text of body) {
      const blocks = (rest + String(text)).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) this.#take(block);
    }
  }

  #take(block: string): void {
    this.#lastId = /^id: (.*)$/m.exec(block)?.[1] ?? this.#lastId;
    if (block.includes('event: reset')) this.resets += 1;
    if (!block.includes('event: change')) return;
    this.frames += 1;
    const nowMs = monotonicMs();
    for (const [, id = ''] of (EVENT_ID.exec(block)?.[1] ?? '').matchAll(ID)) if (!this.seenAtMs.has(id)) this.seenAtMs.set(id, nowMs);
  }
}
