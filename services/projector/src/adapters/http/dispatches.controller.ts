import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { WaybillError } from '@waybill/contracts';
import type { ReadFiles } from '../nats/decision.ts';
import { dispatchStory } from '../queries/dispatch-story.ts';
import { readPage } from '../queries/list.ts';
import { DISPATCH_SWEEPS, DISPATCHES } from '../queries/lists.ts';
import { totalsOf } from '../queries/totals.ts';
import { dispatchStoryView, dispatchTotalsView, dispatchView, fileView, sweepView } from './dispatch-views.ts';
import { dispatchesQuery, dispatchTotalsQuery, parseQuery } from './query-schemas.ts';
import type { Reader } from './reader.ts';
import { READ_FILES, READER } from './tokens.ts';

/** Regions whose sweeps one answer shows. */
const MOST_REGIONS = 250;

/** What finished workflow runs led to: the list, the whole story of one, and the numbers. */
@Controller('/v1')
export class DispatchesController {
  readonly #reader: Reader;
  readonly #readFiles: ReadFiles;

  constructor(@Inject(READER) reader: Reader, @Inject(READ_FILES) readFiles: ReadFiles) {
    this.#reader = reader;
    this.#readFiles = readFiles;
  }

  @Get('/dispatches')
  async list(@Query() query: unknown) {
    const { limit, iterator, repository, workflow, state, tenantId, region } = parseQuery(dispatchesQuery, query);
    const filters = { repository: repository?.toLowerCase(), workflow, state, tenant_id: tenantId, region };
    const page = await this.#reader.read((database) => readPage(database, DISPATCHES, { filters, limit, iterator }));
    return { ...page, data: page.data.map(dispatchView) };
  }

  /** `files`: what the decision was read from, as the LOG has it; null when it does not, or cannot be asked. */
  @Get('/dispatches/:eventId')
  async story(@Param('eventId') eventId: string) {
    const story = await this.#reader.read((database) => dispatchStory(database, eventId));
    if (story === undefined)
      throw new WaybillError('WB_NOT_FOUND', `nothing is known here (yet) that was decided about an event ${eventId}`);
    const files = await this.#readFiles(story.dispatch);
    return { ...dispatchStoryView(story), files: files?.map(fileView) ?? null };
  }

  /** Dispatches by state, and how far each region has looked for webhooks that did not arrive. */
  @Get('/stats/dispatches')
  async totals(@Query() query: unknown) {
    const { scope, id } = parseQuery(dispatchTotalsQuery, query);
    return this.#reader.read(async (database) => {
      const totals = await totalsOf(database, scope, id ?? '');
      const sweeps = await readPage(database, DISPATCH_SWEEPS, { limit: MOST_REGIONS });
      return { scope, id: id ?? null, dispatches: dispatchTotalsView(totals), sweeps: sweeps.data.map(sweepView) };
    });
  }
}
