import { join } from 'node:path';

export const SERVICES = ['ingress', 'planner', 'dispatcher', 'projector'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** As many as one machine can be asked to run. */
export const MOST_REGIONS = 6;

/** TCP ports of one region, all on loopback. */
export interface RegionPorts {
  readonly ingress: number;
  readonly projector: number;
  readonly planner: number;
  readonly dispatcher: number;
  readonly nats: number;
}

/** TCP ports of one node of the hub. */
export interface HubPorts {
  readonly client: number;
  readonly leaf: number;
  readonly cluster: number;
  /** Monitoring pages. */
  readonly monitor: number;
}

const PORTS_PER_BLOCK = 10;
const HUB_OFFSET = 5;
const RECEIVER_OFFSET = 9;

const blockStart = (basePort: number, index: number): number => basePort + index * PORTS_PER_BLOCK;

/** Ports of the region with this index, counted from the base port: the first region's ingress is on the base port itself. */
export function regionPorts(basePort: number, index = 0): RegionPorts {
  const first = blockStart(basePort, index);
  return { ingress: first, projector: first + 1, planner: first + 2, dispatcher: first + 3, nats: first + 4 };
}

/** Ports of the hub's node with this index; it shares a block of ten with the region of the same index. */
export function hubPorts(basePort: number, index: number): HubPorts {
  const first = blockStart(basePort, index) + HUB_OFFSET;
  return { client: first, leaf: first + 1, cluster: first + 2, monitor: first + 3 };
}

/** The GitHub of a local stack: in the second block, which a single region has not, whose hub ports are free instead. */
export const githubPort = (basePort: number, hubNodes: number): number =>
  hubNodes === 0 ? hubPorts(basePort, 0).monitor : blockStart(basePort, 1) + RECEIVER_OFFSET;

/** The trace store of a local stack: in the third block, or where a single region has no hub. */
export const tracesPort = (basePort: number, hubNodes: number): number =>
  hubNodes === 0 ? hubPorts(basePort, 0).client : blockStart(basePort, 2) + RECEIVER_OFFSET;

/** The canary of a local stack: in the fourth block, or where a single region has no hub. */
export const canaryPort = (basePort: number, hubNodes: number): number =>
  hubNodes === 0 ? hubPorts(basePort, 0).leaf : blockStart(basePort, 3) + RECEIVER_OFFSET;

export const receiverPort = (basePort: number): number => basePort + RECEIVER_OFFSET;

/** Where a stack keeps what, below its data folder. */
export const dataPaths = (dataDir: string) => ({
  run: join(dataDir, 'run.json'),
  lock: join(dataDir, 'lock'),
  adminKey: join(dataDir, 'admin-key'),
  /** All NATS servers with their users' passwords; only the owner may read it. */
  deployment: join(dataDir, 'deployment.json'),
  logs: join(dataDir, 'logs'),
  region: (region: string) => join(dataDir, region),
  hubNode: (index: number) => join(dataDir, `hub-${index + 1}`),
  /** While this file exists, the region's processes are not started again: how a region is kept down. */
  held: (region: string) => join(dataDir, `${region}.held`),
  /** The region that was asked to join the running stack, and how far that is. */
  joinRequest: join(dataDir, 'regions.wanted.json'),
  joinProgress: join(dataDir, 'regions.progress.json'),
});
