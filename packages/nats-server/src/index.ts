export { type FindOptions, findNatsServer, type FoundNatsServer, WAYS } from './find.ts';
export { type FailedWay, NatsServerNotFound, NatsServerRefused } from './not-found.ts';
export { hostPlatform, type Platform } from './platform.ts';
export type { Search, SearchBudgets, SearchProgress, Way, WayName, WayResult } from './search.ts';
export { type BinaryCheck, MINIMUM_VERSION } from './version.ts';
export type { Exit } from './launch/child-process.ts';
export { type LaunchOptions, launchNats, NatsLaunchError, type RunningNats } from './launch/launch.ts';
export { renderServerConfig, type ServerSettings, type ServerUser } from './launch/server-config.ts';
export { startThrowawayNats, type ThrowawayNats } from './launch/throwaway.ts';
