import { join } from 'node:path';

export const SERVICES = ['ingress', 'planner', 'dispatcher', 'projector'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** TCP ports of one region, all on loopback. */
export interface RegionPorts {
  readonly ingress: number;
  readonly projector: number;
  readonly planner: number;
  readonly dispatcher: number;
  readonly nats: number;
}

const PORTS_PER_REGION = 10;
const RECEIVER_OFFSET = 9;

/** Ports of the region with this index, counted from the base port: the first region's ingress is on the base port itself. */
export function regionPorts(basePort: number, index = 0): RegionPorts {
  const first = basePort + index * PORTS_PER_REGION;
  return { ingress: first, projector: first + 1, planner: first + 2, dispatcher: first + 3, nats: first + 4 };
}

export const receiverPort = (basePort: number): number => basePort + RECEIVER_OFFSET;

/** Where a stack keeps what, below its data folder. */
export const dataPaths = (dataDir: string) => ({
  run: join(dataDir, 'run.json'),
  lock: join(dataDir, 'lock'),
  adminKey: join(dataDir, 'admin-key'),
  logs: join(dataDir, 'logs'),
  region: (region: string) => join(dataDir, region),
});
