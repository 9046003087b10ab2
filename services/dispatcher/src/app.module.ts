import { type DynamicModule, Inject, Module, type OnModuleDestroy } from '@nestjs/common';
import { type Health, type Lifecycle, type Logger, type Metrics, RuntimeModule } from '@waybill/runtime';
import { DispatcherConsumer, FIND_POLLER, type FindPoller } from './adapters/dispatcher.consumer.ts';
import type { RegionDispatcher } from './adapters/region-worker.ts';
import type { DeliveryManager } from './application/delivery-manager.ts';

const DELIVERY_MANAGER = Symbol('delivery-manager');

export interface AppParts {
  readonly logger: Logger;
  readonly health: Health;
  readonly lifecycle: Lifecycle;
  readonly metrics: Metrics;
  readonly manager: DeliveryManager<RegionDispatcher>;
}

/** The dispatcher as a Nest application: two message handlers, and the health routes. */
@Module({})
export class AppModule implements OnModuleDestroy {
  readonly #manager: DeliveryManager<RegionDispatcher>;

  constructor(@Inject(DELIVERY_MANAGER) manager: DeliveryManager<RegionDispatcher>) {
    this.#manager = manager;
  }

  static with(parts: AppParts): DynamicModule {
    const { manager } = parts;
    const find: FindPoller = (stream) => manager.find((worker) => worker.pollerOf(stream) !== undefined)?.pollerOf(stream);
    return {
      module: AppModule,
      imports: [RuntimeModule.forRoot(parts)],
      controllers: [DispatcherConsumer],
      providers: [
        { provide: DELIVERY_MANAGER, useValue: manager },
        { provide: FIND_POLLER, useValue: find },
      ],
    };
  }

  /** The first of the shutdown hooks: who waits for a place is given back before the transport waits for what runs. */
  onModuleDestroy(): void {
    this.#manager.stopTaking();
  }
}
