import { hash } from 'node:crypto';
import type { Role } from './role.ts';

/** Whom a link signs in. */
export interface LinkHolder {
  readonly role: Role;
  readonly name: string;
}

const LIFE_MS = 600_000;
/** Links that nobody used yet; the oldest goes when there are more. */
const MOST = 1_000;

/** One-time links for signing in. Only hashes are kept, in the memory of this process: a restart forgets them. */
export class SessionLinks {
  readonly #open = new Map<string, LinkHolder & { readonly expiresAtMs: number }>();
  readonly #newToken: () => string;

  /** `newToken` gives what nobody can guess, as text that fits into a URL. */
  constructor(newToken: () => string) {
    this.#newToken = newToken;
  }

  /** Makes a token that signs in once, within ten minutes. */
  make(holder: LinkHolder, nowMs: number): { readonly token: string; readonly expiresAtMs: number } {
    const token = this.#newToken();
    const expiresAtMs = nowMs + LIFE_MS;
    this.#open.set(hash('sha256', token), { ...holder, expiresAtMs });
    const oldest = this.#open.keys().next().value;
    if (this.#open.size > MOST && oldest !== undefined) this.#open.delete(oldest);
    return { token, expiresAtMs };
  }

  /** Whom the token signs in; it is used up by that. Undefined for one that is not known, was used, or is too old. */
  redeem(token: string, nowMs: number): LinkHolder | undefined {
    const digest = hash('sha256', token);
    const holder = this.#open.get(digest);
    this.#open.delete(digest);
    return holder === undefined || nowMs >= holder.expiresAtMs ? undefined : { role: holder.role, name: holder.name };
  }
}
