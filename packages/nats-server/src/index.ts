export { type FindOptions, findNatsServer, type FoundNatsServer, WAYS } from './find.ts';
export { type FailedWay, NatsServerNotFound, NatsServerRefused } from './not-found.ts';
export { hostPlatform, type Platform } from './platform.ts';
export type { Search, SearchBudgets, SearchProgress, Way, WayName, WayResult } from './search.ts';
export { type BinaryCheck, MINIMUM_VERSION } from './version.ts';
