import { Controller, Get, Inject, Query } from '@nestjs/common';
import type { StreamState } from '../../domain/continuity.ts';
import { type Digest, digestOf } from '../queries/digest.ts';
import { checkpoints, totalsOf } from '../queries/totals.ts';
import type { CheckpointRow } from '../store/schema.ts';
import { parseQuery, totalsQuery } from './query-schemas.ts';
import type { Reader } from './reader.ts';
import { READ_UP_TO, READER, STREAM_STATE } from './tokens.ts';
import { totalsView } from './views.ts';

/** Asks a stream for its bounds; undefined when NATS is away or the stream is missing. */
export type AskStream = (stream: string) => Promise<StreamState | undefined>;

/** How far the projection has read a stream; 0 when that is not known. */
export type ReadUpTo = (stream: string) => number;

/** Numbers, as they were computed when they were written. */
@Controller('/v1/stats')
export class StatsController {
  readonly #reader: Reader;
  readonly #askStream: AskStream;
  readonly #readUpTo: ReadUpTo;
  #digesting: Promise<Digest> | undefined;

  constructor(@Inject(READER) reader: Reader, @Inject(STREAM_STATE) askStream: AskStream, @Inject(READ_UP_TO) readUpTo: ReadUpTo) {
    this.#reader = reader;
    this.#askStream = askStream;
    this.#readUpTo = readUpTo;
  }

  @Get('/totals')
  async totals(@Query() query: unknown) {
    const { scope, id } = parseQuery(totalsQuery, query);
    const totals = await this.#reader.read((database) => totalsOf(database, scope, id ?? ''));
    return { scope, id: id ?? null, ...totalsView(totals) };
  }

  /** How far each projection is behind its stream, in messages; null while that cannot be known. Beats that were read move no checkpoint. */
  @Get('/lag')
  async lag() {
    const rows = await this.#reader.read(checkpoints);
    return { data: await Promise.all(rows.map((row) => this.#lagOf(row))) };
  }

  /**
   * Whether the read models of two regions at rest are equal: compare their digests. One is computed at a time, however many ask. Internal: for drills and
   * operators, not for a dashboard.
   */
  @Get('/digest')
  digest() {
    this.#digesting ??= this.#reader.read(digestOf).finally(() => (this.#digesting = undefined));
    return this.#digesting;
  }

  /** How far the read models have read LOG and PEERS, and which streams those are: `created` is the time of their birth. */
  @Get('/position')
  async position() {
    const rows = await this.#reader.read(checkpoints);
    const of = (kind: string) => {
      const row = rows.find(({ stream }) => stream.startsWith(`${kind}_`));
      if (row === undefined) return null;
      return { stream: row.stream, seq: Math.max(row.seq, this.#readUpTo(row.stream)), created: row.stream_created };
    };
    return { log: of('LOG') ?? { stream: null, seq: 0, created: null }, peers: of('PEERS') };
  }

  async #lagOf({ projection, stream, seq }: CheckpointRow) {
    const state = await this.#askStream(stream);
    const lag = state === undefined ? null : Math.max(0, state.lastSeq - Math.max(seq, this.#readUpTo(stream)));
    return { projection, stream, checkpoint: seq, lastSeq: state?.lastSeq ?? null, lag };
  }
}
