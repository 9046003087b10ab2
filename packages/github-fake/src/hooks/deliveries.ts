import { KEPT_ENTRIES, addBounded } from '../state/bounded.ts';
import type { FakeRun } from '../state/model.ts';

/** What a webhook tells: enough to make its body again for a redelivery. */
export interface Notice {
  readonly guid: string;
  readonly event: 'workflow_run';
  readonly action: 'requested' | 'in_progress' | 'completed';
  readonly run: FakeRun;
  readonly withInstallation: boolean;
}

/** One try of a webhook, as the App's delivery list holds it. */
export interface Delivery {
  /** Beyond 2^53. */
  readonly id: string;
  readonly notice: Notice;
  readonly guid: string;
  readonly redelivery: boolean;
  readonly deliveredAt: string;
  readonly durationSeconds: number;
  /** `OK`, or why not. */
  readonly status: string;
  /** 0 when nothing was sent. */
  readonly statusCode: number;
  readonly responseBody: string;
}

/** The App's delivery list: the newest 100,000. */
export class Deliveries {
  readonly all: Delivery[] = [];
  private readonly byId = new Map<string, Delivery>();

  add(delivery: Delivery): void {
    addBounded(this.all, delivery, KEPT_ENTRIES);
    this.byId.set(delivery.id, delivery);
    if (this.byId.size > KEPT_ENTRIES) {
      const [oldest] = this.byId.keys();
      this.byId.delete(oldest ?? '');
    }
  }

  get(id: string): Delivery | undefined {
    return this.byId.get(id);
  }
}
