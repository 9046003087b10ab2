import type { EndpointId, JobPlanned } from '@waybill/contracts';
import type { Decision } from './decision.ts';

/** Endpoints that `job.planned` names. */
const MOST_ENDPOINTS = 100;

/** Counts by reason with some more. */
export function addSkipped(
  counts: Readonly<Record<string, number>>,
  skipped: readonly { readonly reason: string }[],
): Readonly<Record<string, number>> {
  if (skipped.length === 0) return counts;
  const sum: Record<string, number> = { ...counts };
  for (const { reason } of skipped) sum[reason] = (sum[reason] ?? 0) + 1;
  return sum;
}

/** Counts what a job would send. */
export class JobCount {
  readonly #events = new Set<string>();
  readonly #endpoints = new Map<string, { tenantId: string; endpointId: EndpointId; count: number }>();
  #skipped: Readonly<Record<string, number>> = {};
  #deliveries = 0;

  get deliveries(): number {
    return this.#deliveries;
  }

  add({ event, owed, skipped, isPlanned }: Decision): void {
    this.#skipped = addSkipped(this.#skipped, skipped);
    if (event === undefined || (owed.length === 0 && !isPlanned)) return;
    const { eventId, tenantId } = event.about;
    this.#events.add(eventId);
    this.#deliveries += owed.length;
    for (const { delivery } of owed) {
      const key = `${tenantId} ${delivery.endpointId}`;
      const counted = this.#endpoints.get(key);
      if (counted === undefined) this.#endpoints.set(key, { tenantId, endpointId: delivery.endpointId, count: 1 });
      else counted.count += 1;
    }
  }

  /** The counts; the endpoints are those with the most deliveries. */
  result(): Pick<JobPlanned, 'deliveries' | 'events' | 'endpoints' | 'endpointCount' | 'skipped'> {
    const endpoints = [...this.#endpoints.values()].toSorted((left, right) => right.count - left.count);
    return {
      deliveries: this.#deliveries,
      events: this.#events.size,
      endpoints: endpoints.slice(0, MOST_ENDPOINTS),
      endpointCount: endpoints.length,
      skipped: this.#skipped,
    };
  }
}
