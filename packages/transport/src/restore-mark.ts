import { streamNames, WaybillError } from '@waybill/contracts';

/** How far the restore of a stream is, as the stream itself says it, so that a restore that was broken off can be finished. */
const MARK = 'waybill-restore';
const STATES = ['unfinished', 'whole', 'armed'] as const;
/** `unfinished`: a part of the stream may be missing. `whole`: all of it is there. `armed`: and what the region owed has its schedules (only at RETRY). */
export type RestoreState = (typeof STATES)[number];

type Metadata = Readonly<Record<string, string>>;

/** The metadata of a stream that is being restored from the backup with this id. */
export const restoreMarked = (metadata: Metadata | undefined, id: string, state: RestoreState): Record<string, string> => ({
  ...metadata,
  [MARK]: `${id} ${state}`,
});

/** How far the restore from the backup with this id is; undefined when the stream was not made by it. */
export function restoreMarkOf(metadata: Metadata | undefined, id: string): RestoreState | undefined {
  const [of, state] = (metadata?.[MARK] ?? '').split(' ');
  return of === id ? STATES.find((known) => known === state) : undefined;
}

/**
 * Throws WB_RESTORE_UNFINISHED when a stream says that a restore was broken off. RETRY is restored first and armed last: until then the region's other streams
 * may be missing, and would be made empty.
 */
export function refuseUnfinished({ name, metadata }: { readonly name: string; readonly metadata?: Metadata | undefined }): void {
  const [id = '', state] = (metadata?.[MARK] ?? '').split(' ');
  if (state === undefined || state === 'armed' || (state === 'whole' && !name.startsWith(streamNames('').retry))) return;
  const what = state === 'whole' ? 'is restored, and not yet all that belongs to it' : 'is restored by half';
  throw new WaybillError('WB_RESTORE_UNFINISHED', `${name} ${what} (backup ${id})`);
}
