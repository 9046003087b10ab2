import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import { joinRawData, traceIdOf, WaybillError } from '@waybill/contracts';
import type { FastifyReply } from 'fastify';
import { type Payload, payloadView, type ReadPayload } from '../nats/payload.ts';
import type { DispatchRow, DispatchTargetRow } from '../../domain/dispatch-rows.ts';
import { dispatchedOf, dispatchOf } from '../queries/dispatch-story.ts';
import { progressOf } from '../queries/event-progress.ts';
import { readPage } from '../queries/list.ts';
import { EVENTS, idsBetween } from '../queries/lists.ts';
import { type EventStory, eventStory } from '../queries/story.ts';
import { dispatchView, startedRunView } from './dispatch-views.ts';
import { eventsQuery, parseQuery, payloadQuery } from './query-schemas.ts';
import type { Reader } from './reader.ts';
import { READ_PAYLOAD, READER } from './tokens.ts';
import { attemptView, deliveryView, endpointView, eventView, plansView, progressView } from './views.ts';

/** Events: the list, and the whole story of one. */
@Controller('/v1/events')
export class EventsController {
  readonly #reader: Reader;
  readonly #readPayload: ReadPayload;

  constructor(@Inject(READER) reader: Reader, @Inject(READ_PAYLOAD) readPayload: ReadPayload) {
    this.#reader = reader;
    this.#readPayload = readPayload;
  }

  @Get()
  async list(@Query() query: unknown) {
    const { limit, iterator, from, to, tenantId, eventType, correlationId, ...rest } = parseQuery(eventsQuery, query);
    const filters = { tenant_id: tenantId, event_type: eventType, correlation_id: correlationId, ...rest };
    const list = { ...EVENTS, between: idsBetween('evt', { from, to }) };
    return this.#reader.read(async (database) => {
      const page = await readPage(database, list, { filters, limit, iterator });
      const progress = await progressOf(database, page.data);
      return { ...page, data: page.data.map((row) => ({ ...eventView(row), progress: progressView(progress.get(row.id)) })) };
    });
  }

  /** The payload goes out as the bytes that came in, as the last member; a large one only when `payload=full` asks for it and this region has it. */
  @Get('/:id')
  async story(@Param('id') id: string, @Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    const read = await this.#reader.read(async (database) => {
      const story = await eventStory(database, id);
      if (story === undefined) return undefined;
      return { story, dispatch: await dispatchOf(database, story.event), runs: await dispatchedOf(database, story.deliveries) };
    });
    if (read === undefined) throw new WaybillError('WB_NOT_FOUND', `no event ${id} is known here (yet)`);
    const whole = parseQuery(payloadQuery, query).payload === 'full';
    const payload = await this.#readPayload(read.story.event, whole);
    await reply.header('content-type', 'application/json; charset=utf-8').send(bodyOf(read.story, read, payload));
  }
}

/** What a run's event led to on GitHub; `runs` by delivery. */
interface OnGithub {
  readonly dispatch: DispatchRow | undefined;
  readonly runs: ReadonlyMap<string, DispatchTargetRow>;
}

function bodyOf(story: EventStory, { dispatch, runs }: OnGithub, payload: Payload): Buffer {
  const { event, deliveries, attempts, endpoints, claims, isComplete } = story;
  const head = {
    ...eventView(event),
    traceId: traceIdOf(event.id) ?? null,
    ...payloadView(payload),
    complete: isComplete,
    plans: plansView(event),
    dispatch: dispatch === undefined ? null : dispatchView(dispatch),
    deliveries: deliveries.map((row) => ({
      ...deliveryView(row, claims.get(row.id)),
      run: startedRunView(runs.get(row.id)),
      endpoint: endpointView(endpoints.get(row.endpoint_id)),
      history: attempts.filter(({ delivery_id: deliveryId }) => deliveryId === row.id).map(attemptView),
    })),
    attempts: attempts.map(attemptView),
  };
  return joinRawData(head, payload.kind === 'present' ? payload.data : Buffer.from('null'));
}
