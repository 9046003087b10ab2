import { serverNames } from '../deployment/hub-links.ts';
import type { Installation } from '../deployment/installation.ts';
import { askLinks } from './ask-hub.ts';
import { type Finding, lasting, messageOf, type Problem, verdict, wrong } from './finding.ts';

/** The links of the regions that were asked about. */
export interface Linked {
  readonly findings: readonly Finding[];
  /** Regions of which at least one server is linked. */
  readonly regions: ReadonlySet<string>;
}

const REMEDY = 'see the log of that nats-server for "leafnode", and whether the hub’s nodes are up';

/** Finds servers of a region that have no link to the hub. `links`: the node that each linked server hangs on. Pure. */
export function judgeLinks(servers: readonly string[], links: ReadonlyMap<string, string>): Problem[] {
  const unlinked = servers.filter((server) => !links.has(server));
  return unlinked.map((server) => ({ detail: `${server} is not linked to the hub`, remedy: REMEDY }));
}

/** Looks at the links of regions that are up, as the hub's nodes see them. */
export async function linkFindings(installation: Installation, regions: readonly string[], budgetMs: number): Promise<Linked> {
  let links: ReadonlyMap<string, string> = new Map();
  const look = async (): Promise<Finding[]> => {
    try {
      links = await askLinks(installation);
    } catch (error) {
      return [
        wrong('links', { detail: `the hub cannot be asked: ${messageOf(error)}`, remedy: 'start its nodes, or see why they refuse' }),
      ];
    }
    return regions.flatMap((id) => {
      const servers = serverNames(installation, id);
      return verdict(`${id} link`, judgeLinks(servers, links), servers.map((server) => `${server} on ${links.get(server)}`).join(', '));
    });
  };
  const findings = await lasting(look, budgetMs);
  return { findings, regions: new Set(regions.filter((id) => serverNames(installation, id).some((server) => links.has(server)))) };
}
