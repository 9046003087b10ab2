import { Controller, Get, Inject, Query } from '@nestjs/common';
import { decodeMark, encodeMark } from '../../domain/page.ts';
import { measuredEndpoints, measuredRegions } from '../queries/measured.ts';
import { seriesOf } from '../queries/rollups.ts';
import { schemaCounts } from '../queries/schemas.ts';
import { endpointStatsQuery, schemasQuery, seriesBounds, seriesQuery } from './measure-queries.ts';
import { measuredEndpointView, regionView, rollupView, schemasView } from './measure-views.ts';
import { parseQuery } from './query-schemas.ts';
import type { Reader } from './reader.ts';
import { READER } from './tokens.ts';
import { iso } from './views.ts';

/** What happened when and how long it took, by region and by endpoint, and which versions events had: all as it was counted when it was written. */
@Controller('/v1')
export class MeasuresController {
  readonly #reader: Reader;

  constructor(@Inject(READER) reader: Reader) {
    this.#reader = reader;
  }

  /** Oldest first. A bucket in which nothing happened is left out. */
  @Get('/stats/series')
  async series(@Query() query: unknown) {
    const { scope, id, ...asked } = parseQuery(seriesQuery, query);
    const { grain } = asked;
    const { from, to } = seriesBounds(asked, Date.now());
    const rows = await this.#reader.read((database) => seriesOf(database, { scope, id: id ?? '', grain }, { from, to }));
    return { scope, id: id ?? null, grain, from: iso(from), to: iso(to), data: rows.map(rollupView) };
  }

  @Get('/stats/regions')
  async regions() {
    const regions = await this.#reader.read((database) => measuredRegions(database, Date.now()));
    return { data: regions.map(regionView) };
  }

  @Get('/stats/endpoints')
  async endpoints(@Query() query: unknown) {
    const { ids } = parseQuery(endpointStatsQuery, query);
    const endpoints = await this.#reader.read((database) => measuredEndpoints(database, ids, Date.now()));
    return { data: endpoints.map(measuredEndpointView) };
  }

  /** In the order of the types; what belongs to all of them comes first, under an empty one. */
  @Get('/schemas')
  async schemas(@Query() query: unknown) {
    const { day = 0, limit, iterator } = parseQuery(schemasQuery, query);
    const [last] = iterator === undefined ? [] : decodeMark(iterator, ['']).key;
    const after = last === undefined ? undefined : String(last);
    const page = await this.#reader.read((database) => schemaCounts(database, { day, after, limit }));
    const next = page.after === undefined ? null : encodeMark({ direction: 'older', key: [page.after] });
    return { day: day === 0 ? null : iso(day).slice(0, 10), ...schemasView(page.rows), done: next === null, iterator: next };
  }
}
