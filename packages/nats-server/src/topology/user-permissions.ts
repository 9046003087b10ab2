import type { Entrance, Permissions } from '../launch/accounts-config.ts';

/** What one user of a NATS server may do, and what for. Plain data: rendered, listed in the docs, tried by tests. */
export interface UserPermissions {
  readonly user: string;
  readonly purpose: string;
  readonly entrance: Entrance;
  readonly permissions: Permissions;
}

/** Prefix of the subjects on which a user's answers come in; a client of it must be configured with this as its `inboxPrefix`. */
export const inboxPrefix = (place: string, user: string): string => `_INBOX_${place}.${user}`;

/** The user's own inbox, which nobody else may listen on. */
export const ownInbox = (place: string, user: string): string => `${inboxPrefix(place, user)}.>`;
