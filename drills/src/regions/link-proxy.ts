import { createServer, connect, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * What a link does with bytes. `open`: passes them. `cut`: swallows both directions and closes nothing, as a dead wire does. `mute`: swallows what the
 * region says. `deaf`: swallows what it should hear. `refuse`: closes and takes no connection.
 */
export type LinkMode = 'open' | 'cut' | 'mute' | 'deaf' | 'refuse';

/** A wire between a region and one node of the hub, whose behaviour can be changed while it is in use. */
export class LinkProxy {
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  #mode: LinkMode = 'open';
  #delayMs = 0;

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  static async start(port: number, target: number): Promise<LinkProxy> {
    const proxy = new LinkProxy(target);
    await new Promise<void>((resolve, reject) => proxy.#server.once('error', reject).listen(port, '127.0.0.1', resolve));
    return proxy;
  }

  set(mode: LinkMode): void {
    this.#mode = mode;
    if (mode === 'refuse') this.#closeAll();
    if (mode === 'open') this.#closeStuck();
  }

  /** Every chunk is held up for so long, in each direction. */
  slowDown(delayMs: number): void {
    this.#delayMs = delayMs;
  }

  close(): void {
    this.#closeAll();
    this.#server.close();
  }

  #serve(near: Socket): void {
    if (this.#mode === 'refuse') return void near.destroy();
    const far = connect(this.#target, '127.0.0.1');
    this.#pair(near, far);
    this.#pass(near, far, 'mute');
    this.#pass(far, near, 'deaf');
  }

  /** The two halves live and die together. */
  #pair(near: Socket, far: Socket): void {
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      this.#sockets.add(socket);
      const other = socket === near ? far : near;
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        // A dead wire does not tell the other end that this one has hung up.
        if (this.#mode === 'open' || this.#mode === 'refuse') other.destroy();
      });
    }
  }

  #pass(from: Socket, to: Socket, swallowedBy: LinkMode): void {
    let order = Promise.resolve();
    from.on('data', (chunk: Buffer) => {
      if (this.#mode === 'cut' || this.#mode === swallowedBy) return;
      const waitMs = this.#delayMs;
      if (waitMs === 0) return void to.write(chunk);
      const due = performance.now() + waitMs;
      order = order.then(async () => {
        await delay(Math.max(0, due - performance.now()));
        if (!to.destroyed) to.write(chunk);
      });
    });
  }

  /** Bytes were lost on these connections: what comes next on them could not be understood. */
  #closeStuck(): void {
    this.#closeAll();
  }

  #closeAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
