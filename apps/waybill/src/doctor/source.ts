import type { Problem } from './finding.ts';

/** What a region's server says of one source of a stream. Times in ms. */
export interface SourceSeen {
  /** The region that copies, and the one whose stream is copied. */
  readonly region: string;
  readonly peer: string;
  /** The stream of `region`. */
  readonly stream: string;
  /** What a peer's permission must say in full, as in `$JS.us.API.CONSUMER.RESET.LOG_US.to_eu`. */
  readonly resetSubject: string;
  /** Absent: the stream has no such source. */
  readonly source?: {
    /** Absent: nothing was heard since the stream was made or its server started. Well: about once a second. */
    readonly heardMsAgo?: number;
    readonly error?: { readonly code: number; readonly text: string };
  };
  /** Whether the same stream hears other regions. */
  readonly hearsOthers: boolean;
}

/** The origin says something every second; a hub node that dies costs at most eight. */
const SILENT_MS = 10_000;
const FLOW_CONTROL_STALLED = 10_228;

/**
 * Finds the copies that are not fed: no source, no word (a permission that does not name the peer, or a link that kept its old ones), no flow control.
 * Pure.
 */
export function judgeSource(seen: SourceSeen): Problem[] {
  const { peer, stream, source } = seen;
  if (source === undefined) return [{ detail: `${stream} has no source in ${peer}`, remedy: 'run "npx waybill provision"' }];
  const { error, heardMsAgo } = source;
  if (error?.code === FLOW_CONTROL_STALLED) return [stalled(seen, error.text)];
  if (error !== undefined) return [{ detail: `${stream} cannot copy from ${peer}: ${error.text} (${error.code})`, remedy: renewed(seen) }];
  if (heardMsAgo === undefined) return [seen.hearsOthers ? keptPermissions(seen) : notNamed(seen)];
  if (heardMsAgo <= SILENT_MS) return [];
  return [{ detail: `${stream} has heard nothing of ${peer} for ${Math.round(heardMsAgo / 1000)} s`, remedy: renewed(seen) }];
}

const renewed = ({ region, peer }: SourceSeen): string => `${relink(region, peer)}; if it stays, see the logs of their nats-servers`;

const relink = (region: string, peer: string): string => `npx waybill regions relink ${region} ${peer}`;

const stalled = ({ region, peer, stream }: SourceSeen, text: string): Problem => ({
  detail: `${stream} stopped in the middle of copying from ${peer}: ${text}`,
  remedy: `flow control must pass the links of both regions: write the hub's configuration with "npx waybill nats-config" ($JS.FC in both directions), reload its nodes, then ${relink(region, peer)}`,
});

const keptPermissions = (seen: SourceSeen): Problem => ({
  detail: `${seen.stream} has never heard of ${seen.peer}, but hears other regions: a link keeps the permissions it was made with, also when the hub is reloaded`,
  remedy: `${relink(seen.region, seen.peer)}; if it stays, the hub's nodes do not know ${seen.peer}: ${permissions(seen)}`,
});

const notNamed = (seen: SourceSeen): Problem => ({
  detail: `${seen.stream} has never heard of ${seen.peer}, and nothing refuses it: a link's permission with a wildcard instead of the peer's name lets nothing through`,
  remedy: `${permissions(seen)}, then ${relink(seen.region, seen.peer)}`,
});

const permissions = ({ region, resetSubject }: SourceSeen): string =>
  `write the hub's configuration with "npx waybill nats-config" (the link of ${region} may publish ${resetSubject}, in full), reload its nodes`;
