import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Health } from './health.ts';
import { HEALTH } from './tokens.ts';

@Controller('health')
export class HealthController {
  readonly #health: Health;

  constructor(@Inject(HEALTH) health: Health) {
    this.#health = health;
  }

  /** The process runs and its event loop turns. */
  @Get('live')
  live(): { status: 'live' } {
    return { status: 'live' };
  }

  /** 200 when every dependency is there, 503 otherwise; the body names each. */
  @Get('ready')
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const report = this.#health.report();
    await reply.code(report.status === 'ready' ? 200 : 503).send(report);
  }
}
