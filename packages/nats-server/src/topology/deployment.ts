import { REGION_ID } from '@waybill/contracts';
import { z } from 'zod';

/** The hub's JetStream domain, in the place of a region's id wherever one is asked for. */
export const HUB = 'hub';

const port = z.int().min(1).max(65_535);
const host = z.string().regex(/^[A-Za-z0-9.:-]+$/, 'use a host name or an address');

/** One server: where it listens, how others reach it, where it keeps its files. */
const serverSchema = z.strictObject({
  /** What the other servers dial. */
  host,
  /** Default: loopback in development, every address in production. */
  listenHost: host.optional(),
  /** For clients; 0 lets the server choose. */
  port: z.int().min(0).max(65_535),
  /** Between servers of one site; needed where a site has several. */
  clusterPort: port.optional(),
  /** For the regions' links; needed at the hub. */
  leafPort: port.optional(),
  /** Monitoring pages (`/healthz`); 0 lets the server choose. */
  monitorPort: z.int().min(0).max(65_535).optional(),
  storeDir: z.string().min(1),
});
export type DeployedServer = Readonly<z.infer<typeof serverSchema>>;

const secretSchema = z.union([z.string().min(1), z.strictObject({ env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/) })]);

const shape = z.strictObject({
  /** `development`: one server a region. `production`: three, and what is stored is on disk before it is acked (`sync_interval: always`). */
  mode: z.enum(['development', 'production']),
  regions: z
    .array(
      z.strictObject({
        id: z
          .string()
          .regex(REGION_ID, 'use a-z, 0-9 and -, as in us-central1')
          .refine((id) => id !== HUB, '"hub" is the name of the hub'),
        servers: z.array(serverSchema).min(1),
      }),
    )
    .min(1),
  /** The hub's nodes, one per site: `site` is a region's id, or the name of an arbiter's site. None: a region on its own. */
  hub: z.array(z.strictObject({ site: z.string().min(1), ...serverSchema.shape })).default([]),
  /** By `<region or hub>/<user>`, as `deploymentUsers` lists them. */
  passwords: z.record(z.string(), secretSchema),
});

/** All NATS servers of an installation: its regions, its hub, and the passwords of their users. Plain data, as from JSON. */
export type Deployment = z.infer<typeof shape>;

type Refuse = (path: (string | number)[], message: string) => void;

function checkCount(what: (string | number)[], servers: readonly DeployedServer[], refuse: Refuse): void {
  if (servers.length % 2 === 0 && servers.length > 0)
    refuse(what, 'use an odd number of servers: of an even number, one more must stay up');
  if (servers.length < 2) return;
  for (const [index, server] of servers.entries())
    if (server.clusterPort === undefined) refuse([...what, index, 'clusterPort'], 'needed where there are several servers');
}

function checkHub({ hub, regions }: Deployment, refuse: Refuse): void {
  if (regions.length > 1 && hub.length === 0) refuse(['hub'], 'several regions need a hub: 3 nodes, or 1 for a trial');
  checkCount(['hub'], hub, refuse);
  for (const [index, node] of hub.entries()) if (node.leafPort === undefined) refuse(['hub', index, 'leafPort'], 'the regions link to it');
}

function checkPorts({ hub, regions }: Deployment, refuse: Refuse): void {
  const taken = new Set<string>();
  for (const { host: at, port: client, clusterPort, leafPort, monitorPort } of [...hub, ...regions.flatMap(({ servers }) => servers)]) {
    for (const used of [client, clusterPort, leafPort, monitorPort]) {
      const where = `${at}:${used}`;
      if (used !== undefined && used !== 0 && taken.has(where)) refuse(['regions'], `${where} is used twice`);
      taken.add(where);
    }
  }
}

/** A deployment as it may be written to a file; every mistake is told, with its path. */
export const deploymentSchema = shape.superRefine((deployment, context) => {
  const refuse: Refuse = (path, message) => context.addIssue({ code: 'custom', path, message });
  const ids = deployment.regions.map(({ id }) => id);
  if (new Set(ids).size !== ids.length) refuse(['regions'], 'every region needs an id of its own');
  for (const [index, { servers }] of deployment.regions.entries()) {
    checkCount(['regions', index, 'servers'], servers, refuse);
    if (deployment.mode === 'production' && servers.length < 3)
      refuse(['regions', index, 'servers'], 'production needs 3 servers a region');
  }
  checkHub(deployment, refuse);
  checkPorts(deployment, refuse);
});
