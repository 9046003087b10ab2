/** A run of the workflow that our App started, as listing shows it. */
export interface CandidateRun {
  readonly id: string;
  readonly url: string;
  readonly createdAt: string;
}

export interface OwnRunSearch<Run extends CandidateRun> {
  readonly runs: readonly Run[];
  /** Whether another dispatch is known to have started this run. */
  readonly isOfAnother: (runId: string) => boolean;
  /** Other dispatches that started runs in this time and do not know which: theirs are older than ours, for calls to one place go one after the other. */
  readonly nameless: number;
}

/** The run that a call started whose answer was not seen: the oldest that nothing else explains. */
export function findOwnRun<Run extends CandidateRun>({ runs, isOfAnother, nameless }: OwnRunSearch<Run>): Run | undefined {
  const unexplained = runs.filter(({ id }) => !isOfAnother(id));
  return unexplained.toSorted((left, right) => Date.parse(left.createdAt) - Date.parse(right.createdAt) || compareIds(left.id, right.id))[
    nameless
  ];
}

/** Ids are whole numbers that exceed 2^53. */
const compareIds = (left: string, right: string): number => left.length - right.length || (left < right ? -1 : 1);
