import { WaybillError } from '@waybill/contracts';
import type { FastifyRequest } from 'fastify';
import { keyName } from '../../application/access/sign-in.ts';
import type { KeyRing, Session } from '../../domain/access/key-ring.ts';
import { originOf } from '../../domain/access/origin.ts';
import { mayDo, type Role } from '../../domain/access/role.ts';
import { headerOf } from './http-request.ts';

/** Bound by its prefix to HTTPS (browsers count loopback as such), to this host alone, and to all of its paths. */
export const SESSION_COOKIE = '__Host-waybill';

/** As whom a request was let in. `expiresAtMs`: when its session ends; undefined with a key. */
export interface Access {
  readonly role: Role;
  readonly name: string;
  readonly expiresAtMs?: number;
}

/** Lets a request in or throws WB_UNAUTHORIZED, WB_ORIGIN_DENIED or WB_FORBIDDEN. `needed`: what its operation asks for. */
export type Admit = (request: FastifyRequest, needed: Role) => void;

const accesses = new WeakMap<FastifyRequest, Access>();
/** As whom a request was let in; undefined on routes that let everybody in. */
export const accessOf = (request: FastifyRequest): Access | undefined => accesses.get(request);

const BEARER = /^Bearer +(\S+)$/i;
const SAFE_METHODS = new Set(['GET', 'HEAD']);

/** Checks the key of a request, or its session when it comes with none. */
export const admitBy =
  (keys: KeyRing, nowMs: () => number): Admit =>
  (request, needed) => {
    const access = byKey(keys, request) ?? sessionOf(keys, request, nowMs());
    if (access === undefined) throw new WaybillError('WB_UNAUTHORIZED', 'the Authorization header is missing');
    if (!mayDo(access.role, needed))
      throw new WaybillError('WB_FORBIDDEN', `this needs the role ${needed}, and yours is ${access.role}`, { extra: { role: needed } });
    accesses.set(request, access);
  };

function byKey(keys: KeyRing, { headers }: FastifyRequest): Access | undefined {
  if (headers.authorization === undefined) return undefined;
  const given = BEARER.exec(headers.authorization)?.[1];
  const role = given === undefined ? undefined : keys.roleOf(given);
  if (role === undefined) throw new WaybillError('WB_UNAUTHORIZED', 'the key is not valid');
  return { role, name: keyName(role) };
}

/**
 * The session of a request; undefined when it has no cookie of ours. Throws WB_UNAUTHORIZED when that is not valid (any more), and WB_ORIGIN_DENIED when
 * another site, or another port of this host, makes the browser send it along; what changes something must say where it comes from.
 */
export function sessionOf(keys: KeyRing, request: FastifyRequest, nowMs: number): Session | undefined {
  const sealed = request.server.parseCookie(request.headers.cookie ?? '')[SESSION_COOKIE];
  if (sealed === undefined) return undefined;
  const origin = originOf(headerOf(request));
  if (origin === 'elsewhere' || (origin === 'unsaid' && !SAFE_METHODS.has(request.method)))
    throw new WaybillError('WB_ORIGIN_DENIED', 'a session counts only for what pages of this address send');
  const session = keys.open(sealed, nowMs);
  if (session === undefined) throw new WaybillError('WB_UNAUTHORIZED', 'the session is over; sign in again');
  return session;
}
