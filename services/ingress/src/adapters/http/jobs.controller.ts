import { Controller, Inject, Param, Req } from '@nestjs/common';
import { JOB_KINDS, JOB_STATES, type JobChange } from '@waybill/contracts';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { changeJob, jobChangeSchema, jobRateBodySchema } from '../../application/jobs/change-job.ts';
import { allJobs, requireJob, viewOf } from '../../application/jobs/job-ports.ts';
import { type JobView, jobViewSchema } from '../../application/jobs/job-view.ts';
import { replay, replayBodySchema } from '../../application/jobs/replay.ts';
import { parseWith } from '../../application/parse-with.ts';
import type { RecoveryPorts } from '../../application/recovery-ports.ts';
import { replayKeyHash } from '../../domain/idempotency-key.ts';
import type { Page } from '../../domain/page.ts';
import { callerOf } from './caller.ts';
import { headerOf, jsonOf, optionalJsonOf } from './http-request.ts';
import { pageFor, pageQuerySchema, pageSchemaOf } from './lists.ts';
import { Operation } from './operation.ts';
import { RECOVERY_PORTS } from './tokens.ts';

const ONE = '/v1/jobs/:id';
const common = { tag: 'jobs', record: 'here', role: 'operator' } as const;
const shown = { 200: { description: 'The job as it stands now', schema: jobViewSchema } };
const listQuery = { state: z.enum(JOB_STATES).optional(), kind: z.enum(JOB_KINDS).optional() };
const listQuerySchema = z.object(listQuery);

/** Jobs of this region: the planner does them, the commands are taken here. */
@Controller()
export class JobsController {
  readonly #ports: RecoveryPorts;

  constructor(@Inject(RECOVERY_PORTS) ports: RecoveryPorts) {
    this.#ports = ports;
  }

  @Operation({
    ...common,
    method: 'POST',
    paths: ['/v1/replays'],
    summary: 'Make a job that sends recorded events again: to the endpoints of then or of now, or into one',
    headers: { 'Idempotency-Key': 'The same key again, with the same body, answers with the same job' },
    body: replayBodySchema,
    answers: { 201: { description: 'The job. It is counted first; with "start" it then begins by itself', schema: jobViewSchema } },
  })
  replay(@Req() request: FastifyRequest): Promise<JobView> {
    const key = headerOf(request)('idempotency-key');
    return replay(this.#ports, jsonOf(request), callerOf(request), key === undefined ? undefined : replayKeyHash(key));
  }

  @Operation({
    method: 'GET',
    paths: ['/v1/jobs'],
    summary: 'List the jobs of this region in the last 30 days, newest first',
    tag: 'jobs',
    query: { ...listQuery, ...pageQuerySchema.shape },
    answers: { 200: { description: 'A page of jobs', schema: pageSchemaOf(jobViewSchema) } },
  })
  async list(@Req() request: FastifyRequest): Promise<Page<JobView>> {
    const { state, kind } = parseWith(listQuerySchema, request.query);
    const all = (await allJobs(this.#ports)).filter((job) => (state ?? job.state) === job.state && (kind ?? job.kind) === job.kind);
    const page = pageFor(request, all, true);
    return { ...page, data: page.data.map((job) => viewOf(this.#ports, job)) };
  }

  @Operation({ method: 'GET', paths: [ONE], summary: 'Show a job: what it will do, and how far it is', tag: 'jobs', answers: shown })
  async get(@Param('id') id: string): Promise<JobView> {
    return viewOf(this.#ports, await requireJob(this.#ports, id));
  }

  @Operation({
    ...common,
    method: 'POST',
    paths: [`${ONE}/start`],
    summary: 'Start a job that is planned',
    body: jobChangeSchema,
    answers: shown,
  })
  start(@Param('id') id: string, @Req() request: FastifyRequest): Promise<JobView> {
    return this.#change(id, 'start', request);
  }

  @Operation({ ...common, method: 'POST', paths: [`${ONE}/pause`], summary: 'Let a job wait', body: jobChangeSchema, answers: shown })
  pause(@Param('id') id: string, @Req() request: FastifyRequest): Promise<JobView> {
    return this.#change(id, 'pause', request);
  }

  @Operation({ ...common, method: 'POST', paths: [`${ONE}/resume`], summary: 'Let a job go on', body: jobChangeSchema, answers: shown })
  resume(@Param('id') id: string, @Req() request: FastifyRequest): Promise<JobView> {
    return this.#change(id, 'resume', request);
  }

  @Operation({
    ...common,
    method: 'POST',
    paths: [`${ONE}/cancel`],
    summary: 'End a job: what it planned is delivered, nothing more is planned',
    body: jobChangeSchema,
    answers: shown,
  })
  cancel(@Param('id') id: string, @Req() request: FastifyRequest): Promise<JobView> {
    return this.#change(id, 'cancel', request);
  }

  @Operation({
    ...common,
    method: 'POST',
    paths: [`${ONE}/rate`],
    summary: 'Change how many deliveries a job may plan in a second',
    body: jobRateBodySchema,
    answers: shown,
  })
  rate(@Param('id') id: string, @Req() request: FastifyRequest): Promise<JobView> {
    return this.#change(id, 'rate', request);
  }

  #change(id: string, change: JobChange, request: FastifyRequest): Promise<JobView> {
    return changeJob(this.#ports, { id, change, body: optionalJsonOf(request), caller: callerOf(request) });
  }
}
