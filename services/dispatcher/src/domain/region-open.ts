import { assertNever, type RegionRecord } from '@waybill/contracts';

/**
 * Whether a region in this state delivers for tenants whom another region may stand in for. A draining region works off what it has; a recovering one
 * begins when it was given its first share, for by then it knows what was done in its place. Without a record nobody ever took anything from it.
 */
export function isOpenIn(record: Pick<RegionRecord, 'state' | 'share'> | undefined): boolean {
  if (record === undefined) return true;
  switch (record.state) {
    case 'active':
    case 'draining':
      return true;
    case 'recovering':
      return record.share > 0;
    case 'drained':
    case 'failed':
      return false;
    default:
      return assertNever(record.state);
  }
}
