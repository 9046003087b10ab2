import {
  AckPolicy,
  type ConsumerConfig,
  DeliverPolicy,
  DiscardPolicy,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import {
  bodyBuckets,
  bodySubjects,
  CONSUMERS,
  peerConsumer,
  replicatedRegistryKeys,
  replicationSubjects,
  streamNames,
  subjects,
} from '@waybill/contracts';

/** One region's streams and consumers in the shapes that Waybill provisions (packages/transport), as far as permissions and replication see them. */
export interface RegionAssetsOptions {
  readonly region: string;
  readonly peers: readonly string[];
  readonly replicas?: number;
}

const file = (replicas: number): Partial<StreamConfig> => ({
  storage: StorageType.File,
  num_replicas: replicas,
  max_consumers: 5_000,
  allow_direct: true,
});

const NOT_YET_MS = 30_000;

/** A cluster that has just started has not seen all of its servers yet, and refuses copies on them for a moment. */
async function addStream(jsm: JetStreamManager, config: Parameters<JetStreamManager['streams']['add']>[0]): Promise<unknown> {
  const deadline = performance.now() + NOT_YET_MS;
  for (;;) {
    try {
      return await jsm.streams.add(config);
    } catch (error) {
      const isNotYet = error instanceof Error && /peer offline|temporarily unavailable/.test(error.message);
      if (!isNotYet || performance.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

const CONTROL_SUBJECT = '$KV.control.>';
const bucket = { retention: RetentionPolicy.Limits, discard: DiscardPolicy.New, allow_rollup_hdrs: true, deny_delete: true } as const;

/** The control bucket, where `jsm` leads to. */
export const makeControl = (jsm: JetStreamManager, replicas = 1): Promise<unknown> =>
  addStream(jsm, { ...file(replicas), ...bucket, name: 'KV_control', subjects: [CONTROL_SUBJECT], max_msgs_per_subject: 1 });

/** The region's own streams with their consumers, those that feed the peers included. */
export async function makeOwnAssets(jsm: JetStreamManager, { region, peers, replicas = 1 }: RegionAssetsOptions): Promise<void> {
  const { log, retry } = streamNames(region);
  await addStream(jsm, { ...file(replicas), name: log, subjects: subjects.logFilter(region), discard: DiscardPolicy.New });
  await addStream(jsm, {
    ...file(replicas),
    name: retry,
    subjects: [subjects.retryFilter(region)],
    retention: RetentionPolicy.Workqueue,
    allow_msg_schedules: true,
  });
  await addStream(jsm, {
    ...file(replicas),
    ...bucket,
    name: 'KV_registry',
    subjects: [`$KV.registry.${region}.>`],
    max_msgs_per_subject: 10,
  });
  for (const { bucket: name, stream } of Object.values(bodyBuckets(region)))
    await addStream(jsm, { ...file(replicas), name: stream, subjects: bodySubjects(name).all, allow_rollup_hdrs: true });
  await jsm.consumers.add(log, durable(CONSUMERS.planner, [subjects.factFilter(region, 'event.accepted')]));
  await jsm.consumers.add(log, durable(CONSUMERS.plannerRuns, [subjects.factFilter(region, 'run.completed')]));
  await jsm.consumers.add(log, durable(CONSUMERS.dispatcherPlans, [subjects.plansFor(region, region, 'g')]));
  await jsm.consumers.add(log, durable(CONSUMERS.dispatcherLocal, [subjects.plansFor(region, region, 'l')]));
  await jsm.consumers.add(log, durable(CONSUMERS.projector, []));
  await jsm.consumers.add(retry, durable(CONSUMERS.dispatcherDue, [subjects.retryDue(region)]));
  for (const peer of peers) await makeFeeds(jsm, region, peer);
}

/** The consumers of `region` that feed one peer. */
export async function makeFeeds(jsm: JetStreamManager, region: string, peer: string): Promise<void> {
  const keys = replicatedRegistryKeys(region).map((key) => `$KV.registry.${key}`);
  await jsm.consumers.add(streamNames(region).log, feed(peer, replicationSubjects.log(region, peer), [subjects.replicated(region)]));
  await jsm.consumers.add('KV_registry', feed(peer, replicationSubjects.registry(region, peer), keys));
}

/** The copies of the peers' streams, with the consumers on them. */
export async function makeCopies(jsm: JetStreamManager, { region, peers, replicas = 1 }: RegionAssetsOptions): Promise<void> {
  const copies = streamNames(region).peers;
  const source = (name: string, origin: string, deliverSubject: string) => ({
    name,
    external: { api: `$JS.${origin}.API` },
    consumer: { name: peerConsumer(region), deliver_subject: deliverSubject },
  });
  await addStream(jsm, {
    ...file(replicas),
    name: copies,
    duplicate_window: 0,
    sources: peers.map((peer) => source(streamNames(peer).log, peer, replicationSubjects.log(peer, region))),
  });
  await jsm.streams.update('KV_registry', {
    sources: peers.map((peer) => source('KV_registry', peer, replicationSubjects.registry(peer, region))),
  });
  await jsm.consumers.add(copies, durable(CONSUMERS.dispatcherPeers, [subjects.peerPlansFor(region)]));
  await jsm.consumers.add(copies, durable(CONSUMERS.projector, []));
}

const durable = (name: string, filters: string[]): Partial<ConsumerConfig> => ({
  durable_name: name,
  ack_policy: AckPolicy.Explicit,
  deliver_policy: DeliverPolicy.All,
  filter_subjects: filters,
});

const feed = (peer: string, deliverSubject: string, filters: string[]): Partial<ConsumerConfig> => ({
  durable_name: peerConsumer(peer),
  ack_policy: AckPolicy.FlowControl,
  deliver_policy: DeliverPolicy.All,
  deliver_subject: deliverSubject,
  filter_subjects: filters,
  flow_control: true,
  idle_heartbeat: 1_000_000_000,
  max_deliver: -1,
  max_ack_pending: 1_000,
});
