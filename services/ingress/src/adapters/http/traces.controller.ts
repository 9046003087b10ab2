import { Controller, Inject, Param, Res } from '@nestjs/common';
import { traceViewSchema } from '@waybill/contracts';
import type { FastifyReply } from 'fastify';
import { Operation } from './operation.ts';
import { passOn } from './projector.ts';
import { TRACES } from './tokens.ts';
import type { Traces } from './traces.ts';

@Controller()
export class TracesController {
  readonly #traces: Traces;

  constructor(@Inject(TRACES) traces: Traces) {
    this.#traces = traces;
  }

  @Operation({
    method: 'GET',
    paths: ['/v1/traces/:id'],
    summary:
      'Show what every service did for an event, span by span, by the id of the event, a delivery, a job or a trace (answered by the trace store)',
    tag: 'look',
    answers: { 200: { description: 'What is kept of it', schema: traceViewSchema } },
  })
  async get(@Param('id') id: string, @Res() reply: FastifyReply): Promise<void> {
    await passOn(reply, this.#traces.show(id));
  }
}
