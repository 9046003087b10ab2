import { Controller, Get, Inject, Query } from '@nestjs/common';
import { readPage } from '../queries/list.ts';
import { REGION_CHANGES } from '../queries/lists.ts';
import { parseQuery, regionHistoryQuery } from './query-schemas.ts';
import type { Reader } from './reader.ts';
import { READER } from './tokens.ts';
import { regionChangeView } from './views.ts';

/** What happened to the regions, newest first: changes of state and share, spilling, takeovers. */
@Controller('/v1/regions')
export class RegionsController {
  readonly #reader: Reader;

  constructor(@Inject(READER) reader: Reader) {
    this.#reader = reader;
  }

  @Get('/history')
  async history(@Query() query: unknown) {
    const { limit, iterator, region } = parseQuery(regionHistoryQuery, query);
    const page = await this.#reader.read((database) => readPage(database, REGION_CHANGES, { filters: { region }, limit, iterator }));
    return { ...page, data: page.data.map(regionChangeView) };
  }
}
