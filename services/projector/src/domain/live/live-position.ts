/** How far read models have come: the last sequence of each stream that they know. */
export interface LivePosition {
  readonly log: number;
  readonly peers: number;
  readonly registry: number;
}
export type LivePart = keyof LivePosition;

/** Whether read models at `position` know all that those at `other` do. */
export const reaches = (position: LivePosition, other: LivePosition): boolean =>
  position.log >= other.log && position.peers >= other.peers && position.registry >= other.registry;

/** The position that knows only what both do. */
export const lowest = (left: LivePosition, right: LivePosition): LivePosition => ({
  log: Math.min(left.log, right.log),
  peers: Math.min(left.peers, right.peers),
  registry: Math.min(left.registry, right.registry),
});

/** Writes a position as the id of an event. `mark` names the streams and the read models that the sequences are of: letters, digits and `-`. */
export const liveIdOf = ({ log, peers, registry }: LivePosition, mark: string): string => `${log}.${peers}.${registry}.${mark}`;

const LIVE_ID = /^(\d{1,15})\.(\d{1,15})\.(\d{1,15})\.([A-Za-z0-9-]{1,64})$/;

/** Reads an id; undefined for what is none, or of other streams or read models than `marks` name. */
export function parseLiveId(id: string, marks: readonly string[]): LivePosition | undefined {
  const [, log, peers, registry, of] = LIVE_ID.exec(id) ?? [];
  return of !== undefined && marks.includes(of) ? { log: Number(log), peers: Number(peers), registry: Number(registry) } : undefined;
}
