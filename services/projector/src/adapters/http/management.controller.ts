import { Controller, Get, Inject, Query } from '@nestjs/common';
import { readPage } from '../queries/list.ts';
import { MANAGEMENT_ACTIONS } from '../queries/lists.ts';
import { managementActionsQuery, parseQuery } from './query-schemas.ts';
import type { Reader } from './reader.ts';
import { managementActionView } from './recovery-views.ts';
import { READER } from './tokens.ts';

/** What operators changed: who, what and why, newest first. */
@Controller('/v1')
export class ManagementController {
  readonly #reader: Reader;

  constructor(@Inject(READER) reader: Reader) {
    this.#reader = reader;
  }

  @Get('/management-actions')
  async actions(@Query() query: unknown) {
    const { limit, iterator, actor, action } = parseQuery(managementActionsQuery, query);
    const matching = action === undefined ? undefined : (row: { action: string }) => row.action.startsWith(action);
    const page = await this.#reader.read((database) =>
      readPage(database, MANAGEMENT_ACTIONS, { filters: { actor }, limit, iterator, matching }),
    );
    return { ...page, data: page.data.map(managementActionView) };
  }
}
