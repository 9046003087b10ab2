import type { OrderedLanes } from '../ordered-lanes.ts';

/** For deliveries without an order. */
export const NO_LANES: Pick<OrderedLanes, 'enter' | 'leave' | 'turn' | 'isFarBehind' | 'parked' | 'over'> = {
  enter: () => undefined,
  leave: () => undefined,
  turn: async () => 'go',
  isFarBehind: () => false,
  parked: () => undefined,
  over: () => undefined,
};
