import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { WaybillError } from '@waybill/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { METRICS } from '../tokens.ts';
import type { Metrics } from './metrics.ts';

@Controller()
export class MetricsController {
  readonly #metrics: Metrics;

  constructor(@Inject(METRICS) metrics: Metrics) {
    this.#metrics = metrics;
  }

  /** What Prometheus collects. */
  @Get('metrics')
  async show(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    if (!this.#metrics.isOpenTo(request.headers.authorization ?? ''))
      throw new WaybillError('WB_UNAUTHORIZED', 'metrics are shown to who brings METRICS_TOKEN as a bearer token');
    if (!this.#metrics.isOn) throw new WaybillError('WB_NOT_FOUND', 'metrics are switched off: METRICS_ENABLED');
    await reply.header('content-type', this.#metrics.contentType).send(await this.#metrics.text());
  }
}
