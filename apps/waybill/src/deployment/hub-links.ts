import { HUB } from '@waybill/nats-server';
import type { Bus } from '@waybill/transport';
import { z } from 'zod';
import { connectTo, type Installation } from './installation.ts';

/** The link of one of a region's servers, at the node of the hub it hangs on. */
export interface HubLink {
  /** `hub-1` */
  readonly node: string;
  /** Names this connection: a link that was made anew has another one. */
  readonly connection: string;
  readonly serverId: string;
  readonly clientId: number;
}

const linksSchema = z.object({
  server: z.object({ name: z.string(), id: z.string() }),
  data: z.object({ leafs: z.array(z.object({ name: z.string(), id: z.number() })).nullish() }),
});

const ANSWERS_MS = 2_000;
/** After the last answer. */
const STALL_MS = 300;
const POLL_MS = 200;
const LINK_BUDGET_MS = 30_000;

/** The links at the nodes of the hub that answer, by the name of the region's server (`us-central1-1`). `sys`: a connection as the hub's user sys. */
export async function readLinks(sys: Bus): Promise<ReadonlyMap<string, HubLink>> {
  const links = new Map<string, HubLink>();
  const options = { strategy: 'stall', stall: STALL_MS, maxWait: ANSWERS_MS } as const;
  for await (const answer of await sys.nc.requestMany('$SYS.REQ.SERVER.PING.LEAFZ', '{}', options)) {
    const { server, data } = linksSchema.parse(answer.json());
    for (const { name, id } of data.leafs ?? [])
      links.set(name, { node: server.name, connection: `${server.id}/${id}`, serverId: server.id, clientId: id });
  }
  return links;
}

/** The names of a region's servers, as its links show them. */
export const serverNames = ({ deployment }: Installation, region: string): string[] =>
  (deployment.regions.find(({ id }) => id === region)?.servers ?? []).map((_, index) => `${region}-${index + 1}`);

/**
 * Makes the links of a region's servers anew, one at a time: a link keeps the permissions it was made with, also when the hub is reloaded. Nothing is
 * lost, and what flows through a link pauses for a second or two. Returns those that were made anew; servers without a link are left alone.
 */
export async function renewLinks(installation: Installation, region: string, signal: AbortSignal): Promise<string[]> {
  const sys = await connectTo(installation, { place: HUB, user: 'sys', signal });
  const renewed: string[] = [];
  try {
    for (const name of serverNames(installation, region)) {
      const link = (await readLinks(sys)).get(name);
      if (link === undefined) continue;
      await sys.nc.request(`$SYS.REQ.SERVER.${link.serverId}.KICK`, JSON.stringify({ cid: link.clientId }), { timeout: ANSWERS_MS });
      await untilLinked(sys, name, (now) => now.connection !== link.connection, signal);
      renewed.push(name);
    }
  } finally {
    await sys.close();
  }
  return renewed;
}

/** Waits until every server of a region is linked to the hub. Throws when one is not within half a minute. */
export async function waitForLinks(installation: Installation, region: string, signal: AbortSignal): Promise<void> {
  const sys = await connectTo(installation, { place: HUB, user: 'sys', signal });
  try {
    for (const name of serverNames(installation, region)) await untilLinked(sys, name, () => true, signal);
  } finally {
    await sys.close();
  }
}

async function untilLinked(sys: Bus, name: string, isIt: (link: HubLink) => boolean, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + LINK_BUDGET_MS;
  for (;;) {
    const link = (await readLinks(sys)).get(name);
    if (link !== undefined && isIt(link)) return;
    signal.throwIfAborted();
    if (performance.now() > deadline)
      throw new Error(`${name} did not link to the hub within ${LINK_BUDGET_MS / 1000} s; see its log for "leafnode"`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
