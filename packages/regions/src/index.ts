export { checkRegions, type KeysFound, type RegionsFound } from './config/check-regions.ts';
export { type Connecting, type Connection, connectionOf } from './config/connection.ts';
export type { MultiRegion } from './config/multi-region.ts';
export { type Credential, credentialOf, type RegionConfig, type SpilloverThresholds } from './config/region-config.ts';
export { getMultiRegion, getRegionConfigs } from './config/regions-config.ts';
export { ControlView, type ControlViewOptions, LEASE_TTL_MS } from './control/control-view.ts';
export { type LeasePhase, RegionLease, type RegionLeaseOptions } from './control/region-lease.ts';
