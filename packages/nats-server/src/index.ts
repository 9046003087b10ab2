export { type FindOptions, findNatsServer, type FoundNatsServer, WAYS } from './find.ts';
export { type FailedWay, NatsServerNotFound, NatsServerRefused } from './not-found.ts';
export { hostPlatform, type Platform } from './platform.ts';
export type { Search, SearchBudgets, SearchProgress, Way, WayName, WayResult } from './search.ts';
export { type BinaryCheck, MINIMUM_VERSION } from './version.ts';
export type { Exit } from './launch/child-process.ts';
export { type LaunchOptions, launchNats, type LaunchSettings, NatsLaunchError, type RunningNats } from './launch/launch.ts';
export { freePorts } from './launch/free-ports.ts';
export { type Monitored, NatsNotReady, waitForJetStream, waitForLink } from './launch/monitoring.ts';
export { NatsReloadError, type Reload, reloadServer } from './launch/reload.ts';
export { renderServerConfig, type ServerSettings } from './launch/server-config.ts';
export { startThrowawayNats, type ThrowawayNats } from './launch/throwaway.ts';
export type { Entrance, Permissions, ServerAccount, ServerUser, SubjectRules } from './launch/accounts-config.ts';
export type { Secret } from './launch/config-language.ts';
export { type DeployedServer, type Deployment, deploymentSchema, HUB } from './topology/deployment.ts';
export { hubUsers, linkUser } from './topology/hub-users.ts';
export { withRandomPasswords } from './topology/passwords.ts';
export { type RegionPlace, regionUsers } from './topology/region-users.ts';
export { type RenderedFile, renderDeployment } from './topology/render-deployment.ts';
export { controlDomainOf, type DeploymentUser, deploymentUsers, hubConfig, passwordKey, regionConfig } from './topology/server-settings.ts';
export {
  startThrowawayDeployment,
  type ThrowawayDeployment,
  type ThrowawayLogin,
  type ThrowawayServer,
  type ThrowawayShape,
} from './topology/throwaway-deployment.ts';
export { inboxPrefix, type UserPermissions } from './topology/user-permissions.ts';
