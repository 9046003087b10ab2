import type { Logger } from '@waybill/runtime';
import type { Memory } from '../../application/attempt-delivery.ts';
import type { FindEndpoint } from '../../application/attempt-ports.ts';
import { OrderedLanes } from '../../application/ordering/ordered-lanes.ts';
import { Stopping } from '../../application/persistence.ts';
import type { DispatcherWrites } from '../fact-log.ts';
import { findSchedule } from '../takeover/retry-schedules.ts';
import { type OpenOrderedParts, readHandedOut, readScheduled } from './open-ordered.ts';

export interface OpenLanesParts extends OpenOrderedParts {
  readonly memory: Pick<Memory, 'of'>;
  readonly findEndpoint: FindEndpoint;
  readonly scheduleDue: DispatcherWrites['scheduleDue'];
  readonly logger: Logger;
  readonly concurrency: number;
  readonly nowMs: () => number;
}

/** The part of all places whose messages may be held for their turn. */
const WAITING_SHARE = 1 / 4;
const WAIT_MS = 1_000;

/** Builds what keeps deliveries in order, over the schedules and plans of a region. It knows nothing before it is loaded. */
export function openLanes(parts: OpenLanesParts): OrderedLanes {
  const { memory, findEndpoint, scheduleDue, logger, concurrency, nowMs } = parts;
  const find = findSchedule(parts);
  return new OrderedLanes({
    memory,
    readScheduled: readScheduled(parts),
    readHandedOut: readHandedOut(parts),
    // One that nobody here has heard of yet may turn out to want it.
    isWanted: ({ tenantId, endpointId }) => {
      const endpoint = findEndpoint(tenantId, endpointId);
      return endpoint === undefined || endpoint.ordering === 'fifo';
    },
    wake: async (deliveryId) => {
      const pending = await find(deliveryId);
      if (pending !== undefined) await scheduleDue(pending.due, nowMs());
    },
    onFailure: (error) => {
      if (!(error instanceof Stopping)) logger.error({ event: 'lanes.not_woken', err: error }, 'it comes back by itself');
    },
    mayWait: Math.ceil(concurrency * WAITING_SHARE),
    waitMs: WAIT_MS,
    after: (ms, call) => {
      const timer = setTimeout(call, ms);
      return () => clearTimeout(timer);
    },
  });
}

/** The same writes; a delivery with an order has its place before its schedule can fire. */
export function notingOrder(writes: DispatcherWrites, lanes: Pick<OrderedLanes, 'note'>): DispatcherWrites {
  return {
    ...writes,
    scheduleDue: (due, dueMs) => {
      if (due.order !== undefined) lanes.note(due);
      return writes.scheduleDue(due, dueMs);
    },
  };
}
