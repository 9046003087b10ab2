/** Milliseconds since 1970. */
export type Clock = () => number;

/** Injection tokens that `RuntimeModule` provides. */
export const CLOCK = Symbol('clock');
export const HEALTH = Symbol('health');
export const LIFECYCLE = Symbol('lifecycle');
export const LOGGER = Symbol('logger');
export const METRICS = Symbol('metrics');
