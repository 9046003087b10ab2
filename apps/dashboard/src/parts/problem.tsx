import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { ApiProblem } from '../api/client.ts';

/** The API says this to programs, which mistake a path: a person has an id, maybe of a moment ago. */
const UNKNOWN = 'What happened a moment ago may not be known yet. Press / to search for an id, or for how it begins.';

/** What went wrong, and what to do; a job that is in the way is linked. */
export function Problem({ error, onAgain }: { readonly error: unknown; readonly onAgain?: (() => void) | undefined }) {
  const problem = error instanceof ApiProblem ? error : undefined;
  const jobId = problem?.document['jobId'];
  return (
    <div className="problem" role="alert">
      <strong>{problem?.title ?? 'That did not work'}</strong>
      <p>{error instanceof Error ? error.message : String(error)}</p>
      {problem?.remedy ? <p>{problem.code === 'WB_NOT_FOUND' ? UNKNOWN : problem.remedy}</p> : null}
      {typeof jobId === 'string' ? <Link href={`/jobs/${encodeURIComponent(jobId)}`}>Look at job {jobId}</Link> : null}
      {problem === undefined ? null : <code>{problem.code}</code>}
      {onAgain === undefined ? null : (
        <button type="button" onClick={onAgain}>
          Try again
        </button>
      )}
    </div>
  );
}

/** Nothing is here, why that may be, and what to do about it. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className="empty">
      <strong>{title}</strong>
      {children}
    </div>
  );
}
