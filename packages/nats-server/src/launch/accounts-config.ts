import { block, item, line, list, quoted, type Secret, secret } from './config-language.ts';

/** Subjects that may be used, and exceptions from them. An empty `allow` allows nothing. */
export interface SubjectRules {
  readonly allow: readonly string[];
  readonly deny?: readonly string[];
}

/** What a user may do. For a leaf link: `publish` is what the region may send into the hub, `subscribe` what the hub may send to it. */
export interface Permissions {
  readonly publish: SubjectRules;
  readonly subscribe: SubjectRules;
}

/** How a user comes in: as a program, or as a server that is a leaf of this one. */
export type Entrance = 'client' | 'leaf';

/** One user of the server; without any, clients need no credentials. Without `permissions` it may do everything in its account. */
export interface ServerUser {
  readonly user: string;
  readonly password: Secret;
  readonly permissions?: Permissions;
  /** Absent: by any way. */
  readonly entrance?: Entrance;
}

/** Subjects of one account are invisible to the others. */
export interface ServerAccount {
  readonly name: string;
  readonly jetStream: boolean;
  readonly users: readonly ServerUser[];
}

/** The server takes an empty allow list for "everything" (2.15.1). */
function rules(name: string, { allow, deny = [] }: SubjectRules): string[] {
  if (allow.length === 0) return block(name, ['deny: [ ">" ]']);
  return block(name, [...list('allow', allow.map(quoted)), ...(deny.length === 0 ? [] : list('deny', deny.map(quoted)))]);
}

const CONNECTION_TYPES: { readonly [E in Entrance]: string } = { client: 'STANDARD', leaf: 'LEAFNODE' };

function userBlock({ user, password, permissions, entrance }: ServerUser): string[] {
  const only = entrance === undefined ? '' : `, allowed_connection_types: [ ${quoted(CONNECTION_TYPES[entrance])} ]`;
  const login = `user: ${quoted(user)}, password: ${secret(password)}${only}`;
  if (permissions === undefined) return [`{ ${login} }`];
  const { publish, subscribe } = permissions;
  return item([login, ...block('permissions', [...rules('publish', publish), ...rules('subscribe', subscribe)])]);
}

const userList = (users: readonly ServerUser[]): string[] => list('users', users.flatMap(userBlock));

/** Users without accounts: all see the same subjects. */
export const authorization = (users: readonly ServerUser[]): string[] =>
  users.length === 0 ? [] : block('authorization', userList(users));

/** The accounts with their users. */
export function accountsBlock(accounts: readonly ServerAccount[], systemAccount: string | undefined): string[] {
  const entries = accounts.flatMap(({ name, jetStream, users }) =>
    block(name, [...line('jetstream', jetStream ? 'enabled' : undefined), ...userList(users)]),
  );
  return [...block('accounts', entries), ...line('system_account', systemAccount === undefined ? undefined : quoted(systemAccount))];
}
