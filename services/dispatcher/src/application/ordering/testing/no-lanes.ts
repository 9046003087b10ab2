import type { OrderedLanes } from '../ordered-lanes.ts';

/** For deliveries without an order. */
export const NO_LANES: Pick<OrderedLanes, 'enter' | 'leave' | 'turn' | 'parked' | 'over'> = {
  enter: () => undefined,
  leave: () => undefined,
  turn: async () => 'go',
  parked: () => undefined,
  over: () => undefined,
};
