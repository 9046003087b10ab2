import { createHmac, createSecretKey, hash, hkdfSync, type KeyObject, scryptSync, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { equalInConstantTime } from '../equal-in-constant-time.ts';
import { type Role, ROLES } from './role.ts';

/** The key of each role; there is always one of the admin. */
export type Keys = Readonly<Partial<Record<Role, string | undefined>>> & { readonly admin: string };

/** Who is signed in: what they may do, the name that the record of commands knows them by, and until when. */
export interface Session {
  readonly role: Role;
  readonly name: string;
  readonly expiresAtMs: number;
  /** The role whose key vouches for the session: it ends when that key or the admin's is replaced. */
  readonly by: Role;
}

interface Key {
  readonly role: Role;
  readonly digest: Buffer;
  readonly signs: KeyObject;
}

const sessionSchema = z.strictObject({ role: z.enum(ROLES), name: z.string(), expiresAtMs: z.int(), by: z.enum(ROLES) });
const PURPOSE = 'waybill session';

/**
 * The keys of this deployment. Sessions are sealed with what is derived from them, so that every process of every region that has the same keys takes
 * the same session, and nothing has to be kept.
 */
export class KeyRing {
  readonly #keys: readonly Key[];

  constructor(keys: Keys) {
    // Slow on purpose: whoever holds the session of a viewer must not guess an admin key that a person made up, at a billion guesses a second.
    const root = scryptSync(keys.admin, PURPOSE, 32);
    this.#keys = ROLES.flatMap((role): Key[] => {
      const key = keys[role];
      if (key === undefined) return [];
      const digest = hash('sha256', key, 'buffer');
      return [{ role, digest, signs: createSecretKey(Buffer.from(hkdfSync('sha256', root, digest, `${PURPOSE} ${role}`, 32))) }];
    });
  }

  /** The role of a key, or undefined. Only hashes are compared, and always all of them: nothing shows in the time it takes. */
  roleOf(given: string): Role | undefined {
    const digest = hash('sha256', given, 'buffer');
    let found: Role | undefined;
    for (const key of this.#keys) if (timingSafeEqual(key.digest, digest)) found = key.role;
    return found;
  }

  /** A session as text that fits into a cookie; whoever has it is signed in. Throws when no key of `session.by` is set. */
  seal(session: Session): string {
    const key = this.#keys.find(({ role }) => role === session.by);
    if (key === undefined) throw new Error(`there is no key of the role ${session.by}`);
    const content = Buffer.from(JSON.stringify(session)).toString('base64url');
    return `${content}.${signature(key, content)}`;
  }

  /** The session that was sealed, or undefined when it was not sealed with these keys, or is over. */
  open(sealed: string, nowMs: number): Session | undefined {
    const [content = '', signed = '', ...rest] = sealed.split('.');
    // Nothing of the content is believed, or even read, before a key vouches for it.
    const by = this.#keys.find((key) => equalInConstantTime(signature(key, content), signed))?.role;
    if (by === undefined || rest.length > 0) return undefined;
    // Another release may have sealed something else in it.
    const { data: session } = sessionSchema.safeParse(JSON.parse(Buffer.from(content, 'base64url').toString()));
    return session?.by === by && nowMs < session.expiresAtMs ? session : undefined;
  }
}

const signature = ({ signs }: Key, content: string): string => createHmac('sha256', signs).update(content).digest('base64url');
