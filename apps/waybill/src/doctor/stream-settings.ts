import { streamNames } from '@waybill/contracts';
import type { Problem } from './finding.ts';

/** What decides whether a stream loses facts. */
export interface StreamSettings {
  readonly name: string;
  /** What happens when it is full: `old` facts go, or `new` ones are refused. */
  readonly discard: string;
  /** How long a Msg-Id is known again, in ms; 0: never. */
  readonly duplicateWindowMs: number;
}

const REMEDY = 'run "npx waybill provision"';

/** Finds settings of a region's streams with which facts would be lost or copies stop, long before anybody sees an error. Pure. */
export function judgeSettings(region: string, streams: readonly StreamSettings[]): Problem[] {
  const { log, peers } = streamNames(region);
  return streams.flatMap(({ name, discard, duplicateWindowMs }) => {
    if (name === log) return [...(discard === 'new' ? [] : [FULL_LOG(name)]), ...(duplicateWindowMs > 0 ? [] : [REPEATED(name)])];
    if (name === peers) return [...(discard === 'old' ? [] : [FULL_COPY(name)]), ...(duplicateWindowMs === 0 ? [] : [SAME_ID(name)])];
    return [];
  });
}

const FULL_LOG = (name: string): Problem => ({ detail: `${name} drops its oldest facts when it is full (discard)`, remedy: REMEDY });
const REPEATED = (name: string): Problem => ({ detail: `${name} stores a repeated publish twice (duplicate_window 0)`, remedy: REMEDY });
const FULL_COPY = (name: string): Problem => ({
  detail: `${name} refuses facts when it is full, and one refused fact stops its source for good (discard)`,
  remedy: REMEDY,
});
const SAME_ID = (name: string): Problem => ({
  detail: `${name} drops a fact whose Msg-Id another region used as well (duplicate_window)`,
  remedy: REMEDY,
});
