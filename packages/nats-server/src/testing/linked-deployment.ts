import { jetstream, type JetStreamClient, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { HUB } from '../topology/deployment.ts';
import { startThrowawayDeployment, type ThrowawayDeployment, type ThrowawayShape } from '../topology/throwaway-deployment.ts';
import { makeControl, makeCopies, makeOwnAssets } from './region-assets.ts';

/** One user's connection, with the clients that nats.js builds on it. */
export interface Session {
  readonly nc: NatsConnection;
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
}

/** A deployment whose sessions end with it. */
export interface LinkedDeployment extends ThrowawayDeployment {
  session(place: string, user: string): Promise<Session>;
}

/** Starts servers; nothing is provisioned. */
export async function startLinked(shape: ThrowawayShape): Promise<LinkedDeployment> {
  const servers = await startThrowawayDeployment(shape);
  const open: NatsConnection[] = [];
  const session = async (place: string, user: string): Promise<Session> => {
    const nc = await connect({ ...servers.login(place, user), maxReconnectAttempts: -1, reconnectTimeWait: 100 });
    open.push(nc);
    return { nc, js: jetstream(nc, { timeout: 3_000 }), jsm: await jetstreamManager(nc, { checkAPI: false, timeout: 3_000 }) };
  };
  const cleanup = async (): Promise<void> => {
    await Promise.all(open.map((nc) => nc.close()));
    await servers.cleanup();
  };
  return {
    get deployment() {
      return servers.deployment;
    },
    servers: (place) => servers.servers(place),
    login: (place, user) => servers.login(place, user),
    grow: (wider) => servers.grow(wider),
    session,
    cleanup,
  };
}

/** Starts servers and makes all streams and consumers, each by the user whose work it is. */
export async function startProvisioned(shape: ThrowawayShape): Promise<LinkedDeployment> {
  const linked = await startLinked(shape);
  try {
    await provision(linked, shape);
    return linked;
  } catch (error) {
    await linked.cleanup();
    throw error;
  }
}

async function provision(linked: LinkedDeployment, shape: ThrowawayShape): Promise<void> {
  const replicas = shape.mode === 'production' ? 3 : 1;
  const regions = await Promise.all(
    shape.regions.map(async (region) => {
      const peers = shape.regions.filter((other) => other !== region);
      return { assets: { region, peers, replicas }, jsm: (await linked.session(region, 'provisioner')).jsm };
    }),
  );
  const hubNodes = linked.servers(HUB).length;
  if (hubNodes > 0) await makeControl((await linked.session(HUB, 'admin')).jsm, hubNodes);
  else for (const { jsm } of regions) await makeControl(jsm, replicas);
  for (const { jsm, assets } of regions) await makeOwnAssets(jsm, assets);
  for (const { jsm, assets } of regions) if (assets.peers.length > 0) await makeCopies(jsm, assets);
}
