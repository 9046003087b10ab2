import { type IncomingMessage, request } from 'node:http';
import { eventually } from './receiver.ts';

/** One server-sent event. `id`: the one that a client would come back with after it. */
export interface SeenEvent {
  readonly event: string;
  readonly data: unknown;
  readonly id: string;
}

/** A client of server-sent events, as a browser's EventSource is one, but for coming back by itself. */
export class LiveReader {
  readonly #response: IncomingMessage;
  readonly events: SeenEvent[] = [];
  #lastId = '';
  #rest = '';
  #hasEnded = false;

  private constructor(response: IncomingMessage) {
    this.#response = response;
    response.setEncoding('utf8');
    response.on('data', (text: string) => this.#take(text));
    response.on('error', () => undefined);
    response.once('close', () => (this.#hasEnded = true));
  }

  /** Throws with the status and the answer when that is no 200. */
  static async open(url: string, headers: Readonly<Record<string, string>> = {}): Promise<LiveReader> {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request(url, { headers: { accept: 'text/event-stream', ...headers }, agent: false }, resolve)
        .once('error', reject)
        .end();
    });
    if (response.statusCode === 200) return new LiveReader(response);
    const chunks = await response.setEncoding('utf8').toArray();
    throw new Error(`${response.statusCode ?? 0} ${chunks.join('')}`);
  }

  get status(): { readonly headers: Readonly<IncomingMessage['headers']>; readonly hasEnded: boolean } {
    return { headers: this.#response.headers, hasEnded: this.#hasEnded };
  }

  get lastId(): string {
    return this.#lastId;
  }

  /** Data of the events of a kind. */
  of(event: string): unknown[] {
    return this.events.filter((seen) => seen.event === event).map(({ data }) => data);
  }

  /** Waits until what came fits. */
  async until(condition: (reader: this) => boolean): Promise<void> {
    await eventually(
      () => condition(this),
      30_000,
      () => `there came ${JSON.stringify(this.events).slice(-2_000)}`,
    );
  }

  /** Reads nothing more until `resume`. */
  stall(): void {
    this.#response.pause();
  }
  resume(): void {
    this.#response.resume();
  }

  close(): void {
    this.#response.destroy();
  }

  #take(text: string): void {
    const blocks = (this.#rest + text).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    for (const block of blocks) this.#read(block);
  }

  #read(block: string): void {
    const lines = block.split('\n').map((line) => /^([a-z]+): (.*)$/.exec(line) ?? []);
    const of = (field: string): string | undefined => lines.find(([, name]) => name === field)?.[2];
    this.#lastId = of('id') ?? this.#lastId;
    const data = of('data');
    if (data !== undefined) this.events.push({ event: of('event') ?? 'message', data: JSON.parse(data), id: this.#lastId });
  }
}
