import { WaybillError } from '@waybill/contracts';
import { z } from 'zod';
import type { KeyRing, Session } from '../../domain/access/key-ring.ts';
import { ROLES } from '../../domain/access/role.ts';
import type { SessionLinks } from '../../domain/access/session-links.ts';
import type { RateLimiter } from '../../domain/rate-limiter.ts';
import { actorSchema } from '../by-whom.ts';
import { parseWith } from '../parse-with.ts';

/** What signing in needs. */
export interface SessionPorts {
  readonly region: string;
  readonly keys: KeyRing;
  readonly links: SessionLinks;
  /** Counts what failed, by the address that it came from. */
  readonly failures: RateLimiter;
  /** Where people reach this ingress; undefined: it is not known yet. */
  readonly publicUrl: () => string | undefined;
  readonly nowMs: () => number;
}

/** A session lasts a working day. */
export const SESSION_SECONDS = 43_200;

export const signInBodySchema = z
  .strictObject({ key: z.string().min(1).max(1_000).optional(), link: z.string().min(1).max(200).optional(), name: actorSchema.optional() })
  .refine(({ key, link }) => (key === undefined) !== (link === undefined), 'send either "key" or "link"')
  .refine(({ link, name }) => link === undefined || name === undefined, 'a link says itself whom it signs in');

export const sessionViewSchema = z
  .object({ role: z.enum(ROLES), name: z.string(), expiresAt: z.iso.datetime(), region: z.string() })
  .meta({ id: 'Session' });
export type SessionView = z.infer<typeof sessionViewSchema>;

export const sessionLinkBodySchema = z.strictObject({ role: z.enum(ROLES).default('admin'), name: actorSchema.default('one-time link') });
export const sessionLinkSchema = z.object({ url: z.url(), expiresAt: z.iso.datetime() }).meta({ id: 'SessionLink' });
export type SessionLink = z.infer<typeof sessionLinkSchema>;

const isoOf = (ms: number): string => new Date(ms).toISOString();

export const sessionView = ({ region }: SessionPorts, { role, name, expiresAtMs }: Session): SessionView => ({
  role,
  name,
  expiresAt: isoOf(expiresAtMs),
  region,
});

/**
 * Signs in with a key or a one-time link. `address`: of whoever asks. Throws WB_UNAUTHORIZED or WB_LINK_INVALID, and WB_RATE_LIMITED instead for what
 * fails more than ten times in a minute. What is right is always taken: nobody who shares the address of another can be kept out by them.
 */
export function signIn(ports: SessionPorts, body: unknown, address: string): Session {
  const { key, link, name } = parseWith(signInBodySchema, body);
  const expiresAtMs = ports.nowMs() + SESSION_SECONDS * 1_000;
  if (link !== undefined) {
    const holder = ports.links.redeem(link, ports.nowMs());
    if (holder === undefined)
      throw refused(ports, address, new WaybillError('WB_LINK_INVALID', 'this link was used, is too old, or was made elsewhere'));
    return { ...holder, expiresAtMs, by: 'admin' };
  }
  const role = ports.keys.roleOf(key ?? '');
  if (role === undefined) throw refused(ports, address, new WaybillError('WB_UNAUTHORIZED', 'the key is not valid'));
  return { role, name: name ?? keyName(role), expiresAtMs, by: role };
}

function refused({ failures, nowMs }: SessionPorts, address: string, error: WaybillError): WaybillError {
  const waitMs = failures.take(address, nowMs());
  if (waitMs === 0) return error;
  const retryAfterSeconds = Math.ceil(waitMs / 1_000);
  return new WaybillError('WB_RATE_LIMITED', `too many failed sign-ins; try again in ${retryAfterSeconds} s`, {
    extra: { retryAfterSeconds },
  });
}

/** How a key is called in the record of commands, when whoever holds it says no name. */
export const keyName = (role: Session['role']): string => (role === 'admin' ? 'management-key' : `${role}-key`);

/** Makes a one-time link. Its token is in the fragment of the URL, which browsers send to nobody. Throws WB_NOT_READY, WB_SCHEMA_VIOLATION. */
export function makeSessionLink({ links, publicUrl, nowMs }: SessionPorts, body: unknown): SessionLink {
  const holder = parseWith(sessionLinkBodySchema, body);
  const url = publicUrl();
  if (url === undefined)
    throw new WaybillError('WB_NOT_READY', 'the address of this region is not known yet', { extra: { retryAfterSeconds: 1 } });
  const { token, expiresAtMs } = links.make(holder, nowMs());
  return { url: `${url.replace(/\/$/, '')}/#link=${token}`, expiresAt: isoOf(expiresAtMs) };
}
