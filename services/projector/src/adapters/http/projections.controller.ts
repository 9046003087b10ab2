import { Controller, Get, HttpCode, Inject, Post } from '@nestjs/common';
import type { LastBuild } from '../../application/rebuild/rebuild-ports.ts';
import type { BuildStatus, Rebuilder } from '../../application/rebuild/rebuilder.ts';
import { checkpoints } from '../queries/totals.ts';
import type { CheckpointRow } from '../store/schema.ts';
import type { Reader } from './reader.ts';
import type { AskStream } from './stats.controller.ts';
import { READER, REBUILDER, STREAM_STATE } from './tokens.ts';

/** The read models themselves: which generation serves, what is built beside it, and how to have one built. */
@Controller('/v1/projections')
export class ProjectionsController {
  readonly #rebuilder: Rebuilder;
  readonly #reader: Reader;
  readonly #askStream: AskStream;

  constructor(@Inject(REBUILDER) rebuilder: Rebuilder, @Inject(READER) reader: Reader, @Inject(STREAM_STATE) askStream: AskStream) {
    this.#rebuilder = rebuilder;
    this.#reader = reader;
    this.#askStream = askStream;
  }

  @Get()
  async status() {
    const { serving, build, last } = this.#rebuilder.status();
    return {
      serving: { generation: serving, ...this.#health(), streams: await this.#streams() },
      build: build === null ? null : buildView(build),
      last: last === null ? null : lastView(last),
    };
  }

  /** Begins a rebuild; `GET /v1/projections` tells how it goes on. */
  @Post('/rebuild')
  @HttpCode(202)
  async rebuild() {
    await this.#rebuilder.begin('rebuild');
    return this.status();
  }

  /** Begins a rebuild aside that is compared with what serves and then thrown away. */
  @Post('/verify')
  @HttpCode(202)
  async verify() {
    await this.#rebuilder.begin('verify');
    return this.status();
  }

  #health() {
    const states = (['log', 'peers', 'registry', 'database'] as const).map((part) => ({ part, ...this.#rebuilder.stateOf(part) }));
    return { ok: states.every(({ ok }) => ok), parts: states.map(({ part, ok, detail }) => ({ part, ok, detail: detail ?? null })) };
  }

  /** Empty while the store cannot be read: how a build goes on must show all the same. */
  async #streams() {
    const rows = await this.#reader.read(checkpoints).catch((): CheckpointRow[] => []);
    return Promise.all(rows.map((row) => this.#streamView(row)));
  }

  /** `measuredSince`: since when rollups and schema counts hold what was read, where an older release read what came before. */
  async #streamView({ stream, seq, complete_since: since, measured_since: measured }: CheckpointRow) {
    const state = await this.#askStream(stream);
    return {
      stream,
      checkpoint: seq,
      lastSeq: state?.lastSeq ?? null,
      completeSince: timeOrNull(since),
      measuredSince: timeOrNull(measured),
    };
  }
}

const timeOrNull = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

function buildView({ build, attempt, phase, read, total, perSecond, detail }: BuildStatus) {
  const left = Math.max(0, total - read);
  return {
    ...build,
    attempt,
    phase,
    detail: detail ?? null,
    facts: { read, total },
    factsPerSecond: perSecond ?? null,
    etaSeconds: perSecond === undefined || perSecond === 0 ? null : Math.ceil(left / perSecond),
  };
}

function lastView({ built, ...last }: LastBuild) {
  const { comparison } = built ?? { comparison: null };
  return {
    ...last,
    facts: built?.facts ?? null,
    completeSince: timeOrNull(built?.completeSinceMs ?? null),
    comparison:
      comparison === null ? null : { rows: comparison.rows, since: timeOrNull(comparison.sinceMs), differences: comparison.differences },
  };
}
