import { type BeforeApplicationShutdown, Controller, Inject, Param, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { discard, discardBodySchema, discardedSchema } from '../../application/dead-letters/discard.ts';
import {
  type Instructed,
  instructedSchema,
  retryBodySchema,
  retryDelivery,
  skipBodySchema,
  skipDelivery,
} from '../../application/deliveries/instruct-delivery.ts';
import { type JobView, jobViewSchema } from '../../application/jobs/job-view.ts';
import { redrive, redriveBodySchema } from '../../application/jobs/redrive.ts';
import type { RecoveryPorts } from '../../application/recovery-ports.ts';
import { callerOf } from './caller.ts';
import { jsonOf, optionalJsonOf } from './http-request.ts';
import { Operation } from './operation.ts';
import { RECOVERY_PORTS } from './tokens.ts';

const common = { record: 'here', role: 'operator' } as const;
const DELIVERY = '/v1/deliveries/:id';

/** What is done about deliveries that ended badly, or have no end yet. */
@Controller()
export class DeadLettersController implements BeforeApplicationShutdown {
  readonly #ports: RecoveryPorts;

  constructor(@Inject(RECOVERY_PORTS) ports: RecoveryPorts) {
    this.#ports = ports;
  }

  /** Listing a million takes a minute, and would hold the stop up as long. */
  beforeApplicationShutdown(): void {
    this.#ports.stopping.abort();
  }

  @Operation({
    ...common,
    method: 'POST',
    paths: ['/v1/dead-letters/redrive'],
    summary: 'Make a job that tries dead letters again',
    tag: 'dead letters',
    body: redriveBodySchema,
    answers: { 201: { description: 'The job. It is counted first; with "start" it then begins by itself', schema: jobViewSchema } },
  })
  redrive(@Req() request: FastifyRequest): Promise<JobView> {
    return redrive(this.#ports, jsonOf(request), callerOf(request));
  }

  @Operation({
    ...common,
    method: 'POST',
    paths: ['/v1/dead-letters/discard'],
    summary: 'Say of dead letters that nobody wants them any more',
    tag: 'dead letters',
    body: discardBodySchema,
    answers: { 200: { description: 'How many were open and are discarded now', schema: discardedSchema } },
  })
  discard(@Req() request: FastifyRequest): Promise<{ discarded: number }> {
    return discard(this.#ports, jsonOf(request), callerOf(request));
  }

  @Operation({
    ...common,
    method: 'POST',
    paths: [`${DELIVERY}/retry`],
    summary: 'Try a delivery again: now, or by a job when it is a dead letter',
    tag: 'dead letters',
    body: retryBodySchema,
    answers: {
      201: { description: 'It is a dead letter: the job that tries it again', schema: jobViewSchema },
      202: { description: 'It waited for its next attempt, which is made now', schema: instructedSchema },
    },
  })
  async retry(
    @Param('id') id: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobView | Instructed> {
    const result = await retryDelivery(this.#ports, id, optionalJsonOf(request), callerOf(request));
    if ('instruction' in result) reply.status(202);
    return result;
  }

  @Operation({
    ...common,
    method: 'POST',
    paths: [`${DELIVERY}/skip`],
    summary: 'Give a delivery up that has no end yet: it becomes a dead letter',
    tag: 'dead letters',
    body: skipBodySchema,
    answers: { 202: { description: 'It is not tried any more', schema: instructedSchema } },
  })
  skip(@Param('id') id: string, @Req() request: FastifyRequest): Promise<Instructed> {
    return skipDelivery(this.#ports, id, optionalJsonOf(request), callerOf(request));
  }
}
