import { Controller, Get, Inject, Query } from '@nestjs/common';
import type { StreamState } from '../../domain/continuity.ts';
import { checkpoints, totalsOf } from '../queries/totals.ts';
import type { CheckpointRow } from '../store/schema.ts';
import { parseQuery, totalsQuery } from './query-schemas.ts';
import type { Reader } from './reader.ts';
import { READER, STREAM_STATE } from './tokens.ts';
import { totalsView } from './views.ts';

/** Asks a stream for its bounds; undefined when NATS is away or the stream is missing. */
export type AskStream = (stream: string) => Promise<StreamState | undefined>;

/** Numbers, as they were computed when they were written. */
@Controller('/v1/stats')
export class StatsController {
  readonly #reader: Reader;
  readonly #askStream: AskStream;

  constructor(@Inject(READER) reader: Reader, @Inject(STREAM_STATE) askStream: AskStream) {
    this.#reader = reader;
    this.#askStream = askStream;
  }

  @Get('/totals')
  async totals(@Query() query: unknown) {
    const { scope, id } = parseQuery(totalsQuery, query);
    const totals = await this.#reader.read((database) => totalsOf(database, scope, id ?? ''));
    return { scope, id: id ?? null, ...totalsView(totals) };
  }

  /** How far each projection is behind its stream, in messages; null while that cannot be known. */
  @Get('/lag')
  async lag() {
    const rows = await this.#reader.read(checkpoints);
    return { data: await Promise.all(rows.map((row) => this.#lagOf(row))) };
  }

  async #lagOf({ projection, stream, seq }: CheckpointRow) {
    const state = await this.#askStream(stream);
    const lag = state === undefined ? null : Math.max(0, state.lastSeq - seq);
    return { projection, stream, checkpoint: seq, lastSeq: state?.lastSeq ?? null, lag };
  }
}
