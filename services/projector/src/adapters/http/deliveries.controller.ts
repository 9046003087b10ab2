import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { WaybillError } from '@waybill/contracts';
import { dispatchedOf } from '../queries/dispatch-story.ts';
import { readPage } from '../queries/list.ts';
import { ATTEMPTS, DELIVERIES, idsBetween } from '../queries/lists.ts';
import { claimsOf, deliveryStory } from '../queries/story.ts';
import { startedRunView } from './dispatch-views.ts';
import { attemptsQuery, deliveriesQuery, parseQuery } from './query-schemas.ts';
import type { Reader } from './reader.ts';
import { READER } from './tokens.ts';
import { attemptView, deliveryView, endpointView } from './views.ts';
import { instructionView, replacementsView } from './recovery-views.ts';

/** Deliveries and their attempts. */
@Controller('/v1')
export class DeliveriesController {
  readonly #reader: Reader;

  constructor(@Inject(READER) reader: Reader) {
    this.#reader = reader;
  }

  @Get('/deliveries')
  async deliveries(@Query() query: unknown) {
    const { limit, iterator, from, to, tenantId, endpointId, state, eventId, jobId } = parseQuery(deliveriesQuery, query);
    const filters = { tenant_id: tenantId, endpoint_id: endpointId, state, event_id: eventId, job_id: jobId };
    const list = { ...DELIVERIES, between: idsBetween('dlv', { from, to }) };
    return this.#reader.read(async (database) => {
      const page = await readPage(database, list, { filters, limit, iterator });
      const claims = await claimsOf(database, page.data);
      const runs = await dispatchedOf(database, page.data);
      return {
        ...page,
        data: page.data.map((row) => ({ ...deliveryView(row, claims.get(row.id)), run: startedRunView(runs.get(row.id)) })),
      };
    });
  }

  @Get('/deliveries/:id')
  async delivery(@Param('id') id: string) {
    const read = await this.#reader.read(async (database) => {
      const story = await deliveryStory(database, id);
      return story === undefined ? undefined : { story, runs: await dispatchedOf(database, [story.delivery]) };
    });
    if (read === undefined) throw new WaybillError('WB_NOT_FOUND', `no delivery ${id} is known here (yet)`);
    const { story, runs } = read;
    return {
      ...deliveryView(story.delivery, story.claim),
      run: startedRunView(runs.get(id)),
      endpoint: endpointView(story.endpoint),
      replacedBy: replacementsView(story),
      instructions: story.instructions.map(instructionView),
      history: story.attempts.map(attemptView),
    };
  }

  @Get('/attempts')
  async attempts(@Query() query: unknown) {
    const { limit, iterator, deliveryId, endpointId } = parseQuery(attemptsQuery, query);
    const filters = { delivery_id: deliveryId, endpoint_id: endpointId };
    const page = await this.#reader.read((database) => readPage(database, ATTEMPTS, { filters, limit, iterator }));
    return { ...page, data: page.data.map(attemptView) };
  }
}
