import type { DispatchReported } from '@waybill/contracts';
import { checkDigestOf, issueDigestOf, joinDigest, splitDigest, targetsOf } from '../../domain/report/outcome.ts';
import type { Reported } from '../../domain/report/story.ts';
import type { DecidedStory } from './stories.ts';
import type { Written } from './write-report.ts';

/** A write that will not be done again: it worked, or GitHub will not have it. */
export type Finished = Extract<Written, { kind: 'written' | 'refused' }>;

/** What is reported after one of the two parts was written from `story`; `newest` is what was reported before. */
export function whatIsReported(
  part: 'check' | 'issue',
  story: DecidedStory,
  newest: Reported | undefined,
  finished: Finished,
): Pick<DispatchReported, 'digest' | 'checkRunId' | 'issueNumber' | 'failed'> {
  const targets = targetsOf(story);
  const before = splitDigest(newest?.digest);
  const ids = finished.kind === 'written' ? finished : undefined;
  return {
    digest:
      part === 'check' ? joinDigest(checkDigestOf(story, targets), before.issue) : joinDigest(before.check, issueDigestOf(story, targets)),
    checkRunId: ids?.checkRunId ?? newest?.checkRunId,
    issueNumber: ids?.issueNumber ?? newest?.issueNumber,
    failed: failedAfter(newest?.failed, part, finished.kind === 'refused' ? finished.detail : undefined),
  };
}

/** One line for each part that could not be written. */
function failedAfter(before: string | undefined, part: string, detail: string | undefined): string | undefined {
  const others = (before ?? '').split('\n').filter((line) => line !== '' && !line.startsWith(`${part}: `));
  const lines = detail === undefined ? others : [...others, `${part}: ${detail.replaceAll(/\s+/g, ' ')}`];
  return lines.length === 0 ? undefined : lines.join('\n');
}
