import type { TraceContext } from '@waybill/contracts';
import { type Continuity, originText, type StreamState } from '../domain/continuity.ts';
import type { Fact } from '../domain/fact.ts';
import { changesAnything } from '../domain/fold.ts';
import { readFact, type StoredMessage } from '../domain/read-fact.ts';
import type { Applied, Checkpoint, Step } from './apply-batch.ts';
import { type BatchLimits, type Feed, inBatches, type Later } from './in-batches.ts';
import type { Report } from './keep-following.ts';
import { type BatchWatch, watched } from './watch-batches.ts';

/** A message of LOG or PEERS that can be acknowledged; with it, all before it. */
export interface LogMessage extends StoredMessage {
  /** The place of who wrote it; undefined when its trace is not recorded, or nobody asks. */
  readonly trace?: TraceContext | undefined;
  ack(): void;
}

/** What following LOG or PEERS needs. `judge` says whether and where to go on. `open` makes the consumer deliver everything after `after`, in order. */
export interface LogPorts {
  readonly stream: string;
  readonly checkpoint: () => Promise<Checkpoint>;
  readonly state: (reached: number) => Promise<StreamState>;
  readonly judge: (checkpoint: Checkpoint, state: StreamState) => Continuity;
  readonly open: (after: number) => Promise<Feed<LogMessage>>;
  /** The first sequence from `seq` on that the stream holds; undefined when there is none. */
  readonly nextIn: (seq: number) => Promise<number | undefined>;
  readonly apply: (step: Step, facts: readonly Fact[]) => Promise<Applied>;
  readonly report: Report;
  readonly later: Later;
  readonly watch?: BatchWatch | undefined;
}

export const LOG_BATCH: BatchLimits = { size: 500, waitMs: 50 };

/** Beats that may be read without a transaction, which would only move the checkpoint. After a restart so many are read again. */
const MOST_BEATS = 100;

/**
 * Follows LOG or PEERS from its checkpoint until the feed ends, which it does when the connection is lost. Throws when the store or NATS is away, or
 * when the order is broken; the caller starts it again, and it begins from what the store says. Acknowledges only after the commit, as a hint:
 * the checkpoint decides.
 */
export async function followLog(ports: LogPorts, signal: AbortSignal, limits: BatchLimits = LOG_BATCH): Promise<void> {
  const checkpoint = await ports.checkpoint();
  const state = await ports.state(checkpoint.seq);
  const continuity = ports.judge(checkpoint, state);
  if (continuity.kind === 'broken') return ports.report({ ok: false, detail: `stopped: ${continuity.reason}`, seq: checkpoint.seq });
  const reader = new LogReader(ports, state.created, checkpoint, continuity.after);
  if (continuity.kind === 'again') {
    ports.report({ ok: true, detail: continuity.reason, seq: continuity.after });
    await reader.startAgain();
  }
  const feed = await ports.open(continuity.after);
  const stop = (): void => feed.stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    if (signal.aborted) stop();
    ports.report({ ok: true, seq: continuity.after });
    const take = watched((batch: readonly LogMessage[]) => reader.take(batch), ports.watch);
    await inBatches(feed, { ...limits, later: ports.later, weigh: ({ body }) => body.length }, take);
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}

/** Applies batches in the order of their sequences. */
class LogReader {
  readonly #ports: LogPorts;
  readonly #created: string;
  #committed: number;
  #last: number;
  #origin: string | null = null;
  /** Nothing of the stream was ever applied, and it has lost its beginning. */
  #lacksBeginning: boolean;

  /** `after` may be beyond the checkpoint when a stream begins later. */
  constructor(ports: LogPorts, created: string, { seq, streamCreated }: Checkpoint, after: number) {
    this.#ports = ports;
    this.#created = created;
    this.#committed = seq;
    this.#last = after;
    this.#lacksBeginning = streamCreated === null && after > seq;
  }

  /** Throws when a message is missing, after what came before it was applied. */
  async take(batch: readonly LogMessage[]): Promise<void> {
    const facts: Fact[] = [];
    let inOrder = 0;
    for (const message of batch) {
      if (message.seq > this.#last + 1 && !(await this.#isHole(message))) break;
      facts.push(...this.#next(message));
      inOrder += 1;
    }
    await this.#commit(facts, batch[0]);
    batch[inOrder - 1]?.ack();
    const beyond = batch[inOrder];
    if (beyond !== undefined) throw new Error(`expected sequence ${this.#last + 1}, got ${beyond.seq}: reading again`);
  }

  /** Puts the checkpoint where reading begins, so that it is this stream's before anything of it is applied. */
  async startAgain(): Promise<void> {
    await this.#move([]);
  }

  async #commit(facts: readonly Fact[], first: LogMessage | undefined): Promise<void> {
    if (this.#last === this.#committed) return;
    if (facts.some(changesAnything) || this.#last - this.#committed >= MOST_BEATS) await this.#move(facts, first);
    this.#ports.report({ ok: true, seq: this.#last });
  }

  async #move(facts: readonly Fact[], first?: LogMessage): Promise<void> {
    const { stream, apply } = this.#ports;
    const step = { stream, streamCreated: this.#created, from: this.#committed, to: this.#last, origin: this.#origin };
    const sinceMs = this.#lacksBeginning ? first?.timestampMs : undefined;
    const applied = await apply(sinceMs === undefined ? step : { ...step, completeSinceMs: sinceMs }, facts);
    if (applied === 'stale') throw new Error(`another projector has moved the checkpoint of ${stream}`);
    this.#committed = this.#last;
    if (sinceMs !== undefined) this.#lacksBeginning = false;
  }

  /**
   * What did not come is a hole when the stream does not hold it either. Otherwise it was lost on the way, or another projector got it. When all that
   * lay in front was removed unread it is no hole: who judges the stream anew stops, and says so.
   */
  async #isHole({ seq }: LogMessage): Promise<boolean> {
    const { nextIn, judge, state } = this.#ports;
    if ((await nextIn(this.#last + 1)) !== seq) return false;
    const reached = { seq: this.#last, streamCreated: this.#created, origin: this.#origin };
    return judge(reached, await state(this.#last)).kind === 'intact';
  }

  /** The facts that a message adds: none when it was read before. */
  #next(message: LogMessage): Fact[] {
    if (message.seq <= this.#last) return [];
    const expected = this.#last + 1;
    this.#last = message.seq;
    this.#origin = message.origin === undefined ? null : originText(message.origin);
    return message.seq === expected ? [readFact(message)] : [hole(message, expected), readFact(message)];
  }
}

const hole = (message: StoredMessage, expected: number): Fact => ({
  kind: 'problem',
  stream: message.stream,
  seq: expected,
  atMs: message.timestampMs,
  origin: { stream: message.stream, seq: expected },
  subject: '',
  reason: `sequences ${expected} to ${message.seq - 1} are not in the stream`,
});
