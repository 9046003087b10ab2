import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { HealthController } from './health.controller.ts';
import type { Health } from './health.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Logger } from './logger.ts';
import { Metrics } from './metrics/metrics.ts';
import { MetricsController } from './metrics/metrics.controller.ts';
import { CLOCK, HEALTH, LIFECYCLE, LOGGER, METRICS } from './tokens.ts';

/** What a stopping process may spend on closing its connections, after its work was finished. */
const CLOSE_BUDGET_MS = 5_000;

/** Global module of every service: logger, health, lifecycle and clock, with the routes for machines. */
@Module({})
export class RuntimeModule implements OnApplicationShutdown {
  readonly #lifecycle: Lifecycle;

  constructor(@Inject(LIFECYCLE) lifecycle: Lifecycle) {
    this.#lifecycle = lifecycle;
  }

  /** `metrics` absent: none are shown. */
  static forRoot(parts: { logger: Logger; health: Health; lifecycle: Lifecycle; metrics?: Metrics | undefined }): DynamicModule {
    const providers = [
      { provide: LOGGER, useValue: parts.logger },
      { provide: HEALTH, useValue: parts.health },
      { provide: LIFECYCLE, useValue: parts.lifecycle },
      { provide: METRICS, useValue: parts.metrics ?? new Metrics({ isOn: false }) },
      { provide: CLOCK, useValue: () => Date.now() },
    ];
    return {
      module: RuntimeModule,
      global: true,
      controllers: [HealthController, MetricsController],
      providers,
      exports: providers.map(({ provide }) => provide),
    };
  }

  /** Nest calls this after the transport strategy has finished its work, so the bus may close now. */
  async onApplicationShutdown(): Promise<void> {
    await this.#lifecycle.drain(CLOSE_BUDGET_MS);
  }
}
