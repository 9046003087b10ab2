/** How far the restore of a stream is, as the stream itself says it, so that a restore that was broken off can be finished. */
const MARK = 'waybill-restore';
const STATES = ['unfinished', 'whole', 'armed'] as const;
/** `unfinished`: a part of the stream may be missing. `whole`: all of it is there. `armed`: and what the region owed has its schedules (only at RETRY). */
export type RestoreState = (typeof STATES)[number];

export type Metadata = Readonly<Record<string, string>>;

/** The metadata of a stream that is being restored from the backup with this id. */
export const marked = (metadata: Metadata | undefined, id: string, state: RestoreState): Record<string, string> => ({
  ...metadata,
  [MARK]: `${id} ${state}`,
});

/** How far the restore from the backup with this id is; undefined when the stream was not made by it. */
export function markOf(metadata: Metadata | undefined, id: string): RestoreState | undefined {
  const [of, state] = (metadata?.[MARK] ?? '').split(' ');
  return of === id ? STATES.find((known) => known === state) : undefined;
}
