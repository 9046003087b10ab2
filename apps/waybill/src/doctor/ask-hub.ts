import { CONTROL_BUCKET } from '@waybill/contracts';
import { HUB } from '@waybill/nats-server';
import { readLinks } from '../deployment/hub-links.ts';
import type { Installation } from '../deployment/installation.ts';
import { messageOf } from './finding.ts';
import type { HubSeen, NodeSeen } from './hub.ts';
import { type Reached, reach } from './reach.ts';

const STREAM = `KV_${CONTROL_BUCKET}`;

/** Asks every node of the hub, and one of those that answer for the leader of the control bucket. */
export async function askHub(installation: Installation): Promise<HubSeen> {
  const { hub } = installation.deployment;
  const reached = await Promise.all(hub.map((_, server) => reach(installation, { place: HUB, user: 'admin', server })));
  try {
    const nodes = reached.map((one, index): NodeSeen => {
      const named = { name: `${HUB}-${index + 1}`, address: `${hub[index]?.host}:${hub[index]?.port}` };
      return 'failure' in one ? { ...named, failure: one.failure } : named;
    });
    return { nodes, bucket: await askBucket(reached, hub.length) };
  } finally {
    await Promise.all(reached.flatMap((one) => ('bus' in one ? [one.bus.close()] : [])));
  }
}

async function askBucket(reached: readonly Reached[], nodes: number): Promise<HubSeen['bucket']> {
  const bus = reached.flatMap((one) => ('bus' in one ? one.bus : []))[0];
  if (bus === undefined) return { failure: 'no node answers' };
  try {
    const { cluster } = await bus.jsm.streams.info(STREAM);
    // A node on its own has no cluster to be the leader of.
    const leader = cluster?.leader ?? '';
    if (leader === '' && nodes > 1) return { failure: 'its nodes have not elected one' };
    return { leader, offline: (cluster?.replicas ?? []).filter(({ offline }) => offline).map(({ name }) => name) };
  } catch (error) {
    return { failure: messageOf(error) };
  }
}

/** Which node of the hub each linked server of a region hangs on: `us-central1-1` on `hub-1`. Throws when no node answers. */
export async function askLinks(installation: Installation): Promise<ReadonlyMap<string, string>> {
  const reached = await reach(installation, { place: HUB, user: 'sys' });
  if ('failure' in reached) throw new Error(reached.failure);
  try {
    return new Map([...(await readLinks(reached.bus))].map(([name, { node }]) => [name, node]));
  } finally {
    await reached.bus.close();
  }
}
