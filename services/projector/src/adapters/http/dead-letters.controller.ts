import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import { joinRawData, WaybillError } from '@waybill/contracts';
import type { FastifyReply } from 'fastify';
import { type Payload, payloadView, type ReadPayload } from '../nats/payload.ts';
import { type DeadLetterStory, deadLetterStory, placesOf } from '../queries/dead-letters.ts';
import { readPage } from '../queries/list.ts';
import { DEAD_LETTER_GROUPS, deadLetters } from '../queries/lists.ts';
import { deadLetterGroupsQuery, deadLettersQuery, parseQuery, payloadQuery } from './query-schemas.ts';
import type { Reader } from './reader.ts';
import { deadLetterView, groupView } from './recovery-views.ts';
import { READ_PAYLOAD, READER } from './tokens.ts';
import { attemptView, eventView } from './views.ts';

/** Bytes that are shown of a message that is no event. */
const MOST_SHOWN = 16_384;
const isOpen = ({ open }: { open: number }): boolean => open > 0;

/** What ended without success: the list, the groups that have the cause in common, and the whole story of one. */
@Controller('/v1/dead-letters')
export class DeadLettersController {
  readonly #reader: Reader;
  readonly #readPayload: ReadPayload;

  constructor(@Inject(READER) reader: Reader, @Inject(READ_PAYLOAD) readPayload: ReadPayload) {
    this.#reader = reader;
    this.#readPayload = readPayload;
  }

  @Get()
  async list(@Query() query: unknown) {
    const { limit, iterator, state, from, to, ...rest } = parseQuery(deadLettersQuery, query);
    const { tenantId, endpointId, reason, eventType, region } = rest;
    const filters = { tenant_id: tenantId, endpoint_id: endpointId, reason, event_type: eventType, region };
    return this.#reader.read(async (database) => {
      const page = await readPage(database, deadLetters(state, { from, to }), { filters, limit, iterator });
      const places = await placesOf(database, page.data);
      return { ...page, data: page.data.map((row) => deadLetterView(row, places.get(row.id))) };
    });
  }

  /** Open ones by tenant, endpoint, reason and region, with how many there are. */
  @Get('/groups')
  async groups(@Query() query: unknown) {
    const { limit, iterator, tenantId, region } = parseQuery(deadLetterGroupsQuery, query);
    const filters = { tenant_id: tenantId, region };
    const page = await this.#reader.read((database) =>
      readPage(database, DEAD_LETTER_GROUPS, { filters, limit, iterator, matching: isOpen }),
    );
    return { ...page, data: page.data.map(groupView) };
  }

  /**
   * The payload goes out as the bytes that came in, as the last member; of what is no event, the first bytes as base64 in `message`. `verdict`: that of an
   * event that was set aside.
   */
  @Get('/:id')
  async story(@Param('id') id: string, @Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    const story = await this.#reader.read((database) => deadLetterStory(database, id));
    if (story === undefined) throw new WaybillError('WB_NOT_FOUND', `no dead letter ${id} is known here (yet)`);
    const { deadLetter, places, event, attempts } = story;
    const payload = await this.#payloadOf(story, parseQuery(payloadQuery, query).payload === 'full');
    const head = {
      ...deadLetterView(deadLetter, places),
      verdict: deadLetter.kind === 'event' ? { verdict: deadLetter.reason, detail: deadLetter.detail } : null,
      accepted: event === undefined ? null : eventView(event),
      attempts: attempts.map(attemptView),
      ...payloadView(payload),
      ...(payload.kind === 'unreadable' ? { message: payload.message.subarray(0, MOST_SHOWN).toString('base64') } : {}),
    };
    const body = joinRawData(head, payload.kind === 'present' ? payload.data : Buffer.from('null'));
    await reply.header('content-type', 'application/json; charset=utf-8').send(body);
  }

  async #payloadOf({ deadLetter, places }: DeadLetterStory, whole: boolean): Promise<Payload> {
    const event = places?.event;
    if (event === undefined || event === null) return { kind: 'expired' };
    return this.#readPayload({ id: deadLetter.event_id, stream: event.stream, accepted_seq: event.seq }, whole);
  }
}
