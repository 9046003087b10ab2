import type { Dispatch } from './dispatch.ts';

const WORDS = { started: 'started', denied: 'denied', failed: 'failed', unknown: 'not known yet' } as const;

/** How the targets of a run stand, in words; what is none is left out. */
export function countsText(counts: Dispatch['counts']): string {
  const { targets } = counts;
  if (targets === 0) return 'no target';
  const parts = (['started', 'denied', 'failed', 'unknown'] as const).flatMap((kind) =>
    counts[kind] === 0 ? [] : [`${counts[kind]} ${WORDS[kind]}`],
  );
  const all = `${targets} ${targets === 1 ? 'target' : 'targets'}`;
  if (parts.length === 0) return all;
  return targets === 1 ? parts.join(', ') : `${parts.join(', ')} of ${targets}`;
}
