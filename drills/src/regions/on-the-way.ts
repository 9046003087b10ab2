import type { RegionRig } from './region-rig.ts';

/** Answers and facts that are on their way between regions at a moment, in seconds of load. */
const ON_THE_WAY_S = 1;

/** Deliveries that a region may have made and could not tell any more when it was killed or cut off: the other one makes them again. */
export const onTheWay = (rig: RegionRig): number => Math.ceil(rig.ratePerSecond * ON_THE_WAY_S) * rig.wiring.fanOut;
