import { type DynamicModule, Inject, Module, type OnModuleDestroy } from '@nestjs/common';
import { type Health, type Lifecycle, type Logger, RuntimeModule } from '@waybill/runtime';
import { DispatcherConsumer, FIND_POLLER, type FindPoller } from './adapters/dispatcher.consumer.ts';
import type { RegionDispatcher } from './adapters/region-worker.ts';
import type { DeliveryManager } from './application/delivery-manager.ts';

const DELIVERY_MANAGER = Symbol('delivery-manager');

/** The dispatcher as a Nest application: two message handlers, and the health routes. */
@Module({})
export class AppModule implements OnModuleDestroy {
  readonly #manager: DeliveryManager<RegionDispatcher>;

  constructor(@Inject(DELIVERY_MANAGER) manager: DeliveryManager<RegionDispatcher>) {
    this.#manager = manager;
  }

  static with(parts: { logger: Logger; health: Health; lifecycle: Lifecycle; manager: DeliveryManager<RegionDispatcher> }): DynamicModule {
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
