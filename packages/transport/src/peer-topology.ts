import { AckPolicy, type ConsumerConfig, DeliverPolicy, type StreamSource } from '@nats-io/jetstream';
import { peerConsumer, REGISTRY_BUCKET, replicatedRegistryKeys, replicationSubjects, streamNames, subjects } from '@waybill/contracts';

/** The stream below the registry bucket. */
export const REGISTRY_STREAM = `KV_${REGISTRY_BUCKET}`;
/** What the subjects of that stream begin with; the key follows. */
export const REGISTRY_SUBJECT_PREFIX = `$KV.${REGISTRY_BUCKET}.`;

/**
 * A consumer that feeds another region's copy of a stream (durable sourcing, ADR-60). What it filters never leaves: the other region can only rewind
 * this consumer, not ask for anything else.
 */
type Replication = Partial<ConsumerConfig> & { readonly durable_name: string };

/** At 5,000 unacked messages a region that was away catches up with 75,000 messages/s, at 1,000 with 65,000 (2.15.1, loopback). */
const MAX_ACK_PENDING = 5_000;

const replication = (peer: string, deliverSubject: string, filters: string[]): Replication => ({
  durable_name: peerConsumer(peer),
  ack_policy: AckPolicy.FlowControl,
  deliver_policy: DeliverPolicy.All,
  deliver_subject: deliverSubject,
  filter_subjects: filters,
  flow_control: true,
  idle_heartbeat: 1_000_000_000,
  max_deliver: -1,
  max_ack_pending: MAX_ACK_PENDING,
});

/** The consumers that feed the peers' copies of a region's LOG and registry. */
export function replicationConsumers(region: string, peers: readonly string[]): { stream: string; config: Replication }[] {
  const keys = replicatedRegistryKeys(region).map((key) => REGISTRY_SUBJECT_PREFIX + key);
  return peers.flatMap((peer) => [
    { stream: streamNames(region).log, config: replication(peer, replicationSubjects.log(region, peer), [subjects.replicated(region)]) },
    { stream: REGISTRY_STREAM, config: replication(peer, replicationSubjects.registry(region, peer), keys) },
  ]);
}

/** Where a region's JetStream is asked from another one. */
export const domainApi = (region: string): string => `$JS.${region}.API`;

/** The copy of `stream` in `origin`, as a source of a stream in `region`. */
const source = (stream: string, origin: string, region: string, deliverSubject: string): StreamSource => ({
  name: stream,
  external: { api: domainApi(origin) },
  consumer: { name: peerConsumer(region), deliver_subject: deliverSubject },
});

/** The peers' LOGs, as sources of `PEERS_<region>`. */
export const logSources = (region: string, peers: readonly string[]): StreamSource[] =>
  peers.map((peer) => source(streamNames(peer).log, peer, region, replicationSubjects.log(peer, region)));

/** The peers' registries, as sources of this region's. */
export const registrySources = (region: string, peers: readonly string[]): StreamSource[] =>
  peers.map((peer) => source(REGISTRY_STREAM, peer, region, replicationSubjects.registry(peer, region)));
