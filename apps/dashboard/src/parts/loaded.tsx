import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { isAway } from '../api/client.ts';
import { Problem } from './problem.tsx';

/**
 * What a query brought. What was there before stays while it is asked again, also when that fails: then the problem stands above it. There is no spinner
 * that never ends: every question has a time limit.
 */
export function Loaded<T>({ query, children }: { readonly query: UseQueryResult<T>; readonly children: (data: T) => ReactNode }) {
  if (query.data === undefined) {
    if (query.error !== null) return <Problem error={query.error} onAgain={() => void query.refetch()} />;
    return (
      <p className="loading" role="status">
        Loading …
      </p>
    );
  }
  return (
    <>
      {query.error === null || isAway(query.error) ? null : <Problem error={query.error} onAgain={() => void query.refetch()} />}
      {children(query.data)}
    </>
  );
}
