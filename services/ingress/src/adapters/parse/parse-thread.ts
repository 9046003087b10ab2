import { Worker } from 'node:worker_threads';
import { WaybillError } from '@waybill/contracts';
import type { Payload } from '../../domain/parse-payload.ts';
import type { Wanted } from '../../domain/parse-wanted.ts';
import type { ParseReply } from './protocol.ts';

/** Tests run the sources, with Node's own type stripping; otherwise built files run. */
const RUNS_SOURCES = import.meta.url.endsWith('.ts');
/** 25 MiB of ordinary JSON take 0.5 to 2 s, and of nothing but empty objects 8. */
const LONGEST_MS = 30_000;
const MOST_MEMORY_MB = 1_536;

/**
 * Parses large bodies in a thread of its own, one after the other: on the serving thread one of 25 MiB would keep everybody waiting for a second or two.
 * The thread starts with the first one, and anew after one that was too much for it.
 */
export class ParseThread {
  #worker: Worker | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** As `parseWanted`; throws WB_BODY_TOO_LARGE besides, for what takes too much memory or time. */
  parse(body: Buffer, wanted: Wanted): Promise<Payload> {
    const turn = this.#last.then(() => this.#ask(body, wanted));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  #start(): Worker {
    const worker = startWorker();
    worker.once('exit', () => {
      if (this.#worker === worker) this.#worker = undefined;
    });
    return worker;
  }

  async #ask(body: Buffer, wanted: Wanted): Promise<Payload> {
    const worker = (this.#worker ??= this.#start());
    const reply = await replyOf(worker, () => worker.postMessage({ bytes: body, wanted })).catch(async () => {
      await this.close();
      throw new WaybillError('WB_BODY_TOO_LARGE', 'checking this JSON takes too much memory or time');
    });
    if (reply.kind === 'parsed') return reply.payload;
    if (reply.kind === 'refused') throw new WaybillError(reply.code, reply.detail, { extra: reply.extra });
    throw new Error(reply.detail);
  }
}

function startWorker(): Worker {
  const file = new URL(RUNS_SOURCES ? './parse-main.ts' : './parse-main.js', import.meta.url);
  const worker = new Worker(file, {
    execArgv: RUNS_SOURCES ? ['--conditions=source'] : [],
    resourceLimits: { maxOldGenerationSizeMb: MOST_MEMORY_MB },
  });
  worker.unref();
  // Whoever asked is told; an error that nobody listens to would end the process.
  worker.on('error', () => undefined);
  return worker;
}

async function replyOf(worker: Worker, ask: () => void): Promise<ParseReply> {
  const { promise, resolve, reject } = Promise.withResolvers<ParseReply>();
  const fail = (cause: unknown): void => reject(new Error('the thread ended', { cause }));
  const late = setTimeout(fail, LONGEST_MS);
  worker.once('message', resolve).once('error', fail).once('exit', fail);
  try {
    ask();
    return await promise;
  } finally {
    clearTimeout(late);
    worker.off('message', resolve).off('error', fail).off('exit', fail);
  }
}
