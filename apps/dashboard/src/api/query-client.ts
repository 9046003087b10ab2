import { QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiProblem } from './client.ts';
import { sessionQuery } from './session.ts';

/** What cannot succeed by being asked again is not: the key, the role, what does not exist. */
const isHopeless = (error: Error): boolean => error instanceof ApiProblem && error.status >= 400 && error.status < 500;

/** All that was asked, and when it is asked again. A session that ended shows in any answer: then who is signed in is asked for, and the door comes up. */
export function createQueryClient(): QueryClient {
  const [sessionKey] = sessionQuery.queryKey;
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, { queryKey: [kind] }) => {
        if (error instanceof ApiProblem && error.status === 401 && kind !== sessionKey)
          void client.invalidateQueries({ queryKey: sessionQuery.queryKey });
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        retry: (failures, error) => failures < 2 && !isHopeless(error),
        refetchOnWindowFocus: false,
        // Whether a region answers is seen by asking it, not by what the browser thinks of the network.
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  });
  return client;
}

/** Asks again for what could not be had, among all that is shown. */
export const askAgainForFailed = (client: QueryClient): void =>
  void client.invalidateQueries({ predicate: ({ state }) => state.status === 'error' }, { cancelRefetch: false });
