import { type DynamicModule, Inject, Module, type OnModuleDestroy } from '@nestjs/common';
import { type Health, type Lifecycle, type Logger, RuntimeModule } from '@waybill/runtime';
import { DispatcherConsumer, WEBHOOK_POLLER } from './adapters/dispatcher.consumer.ts';
import type { WebhookPoller } from './adapters/webhook-poller.ts';
import type { DeliveryManager } from './application/delivery-manager.ts';

const DELIVERY_MANAGER = Symbol('delivery-manager');

/** The dispatcher as a Nest application: two message handlers, and the health routes. */
@Module({})
export class AppModule implements OnModuleDestroy {
  readonly #manager: DeliveryManager<WebhookPoller>;

  constructor(@Inject(DELIVERY_MANAGER) manager: DeliveryManager<WebhookPoller>) {
    this.#manager = manager;
  }

  static with(parts: {
    logger: Logger;
    health: Health;
    lifecycle: Lifecycle;
    manager: DeliveryManager<WebhookPoller>;
    poller: WebhookPoller;
  }): DynamicModule {
    return {
      module: AppModule,
      imports: [RuntimeModule.forRoot(parts)],
      controllers: [DispatcherConsumer],
      providers: [
        { provide: DELIVERY_MANAGER, useValue: parts.manager },
        { provide: WEBHOOK_POLLER, useValue: parts.poller },
      ],
    };
  }

  /** The first of the shutdown hooks: who waits for a place is given back before the transport waits for what runs. */
  onModuleDestroy(): void {
    this.#manager.stopTaking();
  }
}
