export { type Bus, type BusOptions, connectBus } from './bus.ts';
export { ControlBucket, type ControlEntry, type ControlReach } from './control-bucket.ts';
export { FactFollower, type FactFollowerOptions } from './fact-follower.ts';
export { followJobs, type FollowJobsOptions } from './follow-jobs.ts';
export { type Incoming, type Origin, parseOrigin, StreamMessage } from './incoming.ts';
export { type AttachedSource, JetStreamStrategy, type MessageSource, OnMessage, type StrategyOptions } from './jetstream.strategy.ts';
export { provision, type ProvisionStep } from './provision.ts';
export {
  type ProvisionedRegion,
  provisionRegions,
  type ProvisionRegionsOptions,
  rebuildPeers,
  type RegionSteps,
} from './provision-regions.ts';
export { type OutgoingMessage, type Publish, Publisher, type PublisherOptions, type Stored } from './publisher.ts';
export type { RegistryRecords } from './registry-records.ts';
export { REGISTRY_STREAM } from './peer-topology.ts';
export { RegistryView } from './registry-view.ts';
export { RegistryWriter, type RegistryWriteOptions } from './registry-writer.ts';
export { refuseUnfinished, restoreMarked, restoreMarkOf, type RestoreState } from './restore-mark.ts';
export { scanStream, type ScanOptions } from './scan-stream.ts';
export { publishSchedule, type RetrySchedule } from './schedule.ts';
export { DONE, type Handled } from './settlement.ts';
export { restoreStream, type SnapshotConfig, type SnapshotState, snapshotStream, type StreamSnapshot } from './stream-snapshot.ts';
export type { Binding, OnPoison } from './source-reader.ts';
export {
  controlTopology,
  keptMs,
  regionTopology,
  type Topology,
  type TopologyOptions,
  type WantedConsumer,
  type WantedStream,
} from './topology.ts';
