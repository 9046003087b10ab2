import { queryOptions, useQuery } from '@tanstack/react-query';
import { get, isAway, send } from './client.ts';

export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Who is signed in. `name`: as the audit knows it. */
export interface Session {
  readonly role: Role;
  readonly name: string;
  readonly expiresAt: string;
  /** The region that answers. */
  readonly region: string;
}

const AGAIN_MS = 10_000;

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => get<Session>('/session', signal),
  staleTime: 60_000,
  retry: false,
  // Whether the region answers is read off this one, wherever else it was that an answer did not come.
  // Whoever comes back from another window may have signed in there.
  refetchOnWindowFocus: ({ state }) => state.error !== null && 'always',
  refetchInterval: ({ state }) => isAway(state.error) && AGAIN_MS,
});

export const signIn = (by: { readonly key: string; readonly name?: string | undefined } | { readonly link: string }): Promise<Session> =>
  send<Session>('POST', '/session', by);
export const signOut = (): Promise<void> => send<void>('DELETE', '/session');

/** Whether a role may do what needs `needed`. */
export const mayDo = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed);

/** Whether whoever is signed in may do what needs `needed`. The API decides; this only spares a button that would be refused. */
export function useMay(needed: Role): boolean {
  const { data } = useQuery(sessionQuery);
  return data !== undefined && mayDo(data.role, needed);
}
