import type { Problem } from './finding.ts';

/** One node of the hub. */
export interface NodeSeen {
  /** `hub-1` */
  readonly name: string;
  readonly address: string;
  /** Why it does not answer; absent: it does. */
  readonly failure?: string;
}

/** What the hub's nodes say of the control bucket. */
export interface HubSeen {
  readonly nodes: readonly NodeSeen[];
  readonly bucket: { readonly leader: string; readonly offline: readonly string[] } | { readonly failure: string };
}

/** Finds nodes that are down, and a hub that cannot decide anything. Pure. */
export function judgeHub({ nodes, bucket }: HubSeen): Problem[] {
  const down = nodes.filter(({ failure }) => failure !== undefined);
  const problems = down.map(({ name, address, failure }) => ({
    detail: `${name} at ${address} does not answer: ${failure}`,
    remedy: 'start it; the local stack starts it again by itself, see its log',
  }));
  if ('failure' in bucket)
    return [...problems, { detail: `the control bucket has no leader: ${bucket.failure}`, remedy: noLeader(nodes, down) }];
  const offline = bucket.offline.filter((name) => !down.some((node) => node.name === name));
  return [
    ...problems,
    ...offline.map((name) => ({
      detail: `${name} holds no copy of the control bucket at the moment`,
      remedy: 'look at its log and its routes',
    })),
  ];
}

const noLeader = (nodes: readonly NodeSeen[], down: readonly NodeSeen[]): string =>
  down.length * 2 >= nodes.length
    ? `start nodes of the hub: more than half of ${nodes.length} must be up; regions go on alone meanwhile`
    : 'run "npx waybill provision"; after the loss of a node wait 10 s for an election';
