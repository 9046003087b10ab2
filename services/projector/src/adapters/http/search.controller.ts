import { Controller, Get, Inject, Query } from '@nestjs/common';
import { search } from '../queries/search.ts';
import { searchQuery } from './measure-queries.ts';
import { parseQuery } from './query-schemas.ts';
import type { Reader } from './reader.ts';
import { foundView } from './search-views.ts';
import { READER } from './tokens.ts';

/** Finds what a text is the id, or the beginning of the id, of; endpoints by their URL; dispatches by their repository. */
@Controller('/v1/search')
export class SearchController {
  readonly #reader: Reader;

  constructor(@Inject(READER) reader: Reader) {
    this.#reader = reader;
  }

  @Get()
  async search(@Query() query: unknown) {
    const { q } = parseQuery(searchQuery, query);
    return { data: foundView(await this.#reader.read((database) => search(database, q))) };
  }
}
