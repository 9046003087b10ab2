import { z } from 'zod';
import type { Calls, Reply } from './calls.ts';
import { bound } from './fresh-cache.ts';

/** What a token is for: no more than one kind of call needs. */
export interface TokenScope {
  readonly installationId: string;
  readonly permissions: Readonly<Record<string, 'read' | 'write'>>;
  /** The one repository it is good for, by id or by name; neither: all of the installation. */
  readonly repositoryId?: string | undefined;
  readonly repository?: string | undefined;
}

export type Minted =
  | { readonly kind: 'token'; readonly token: string; readonly mintedAtMs: number }
  | { readonly kind: 'failed'; readonly reply: Reply };

interface Entry {
  readonly minted: Promise<Minted>;
  untilMs: number;
}

const CAPACITY = 10_000;
const USED_FOR_MS = 55 * 60_000;
const answerSchema = z.object({ token: z.string().min(1), expires_at: z.string() });

const keyOf = ({ installationId, permissions, repositoryId = '', repository = '' }: TokenScope): string =>
  JSON.stringify([installationId, repositoryId, repository, permissions]);

/** Ids are written as digits: they may exceed what a JavaScript number holds. */
function bodyOf({ permissions, repositoryId, repository }: TokenScope): string {
  const body = JSON.stringify({ permissions, ...(repository === undefined ? {} : { repositories: [repository] }) });
  return repositoryId === undefined ? body : `${body.slice(0, -1)},"repository_ids":[${BigInt(repositoryId)}]}`;
}

/** Tokens of installations, one per scope, used for at most 55 minutes; whoever asks while one is being made shares it. */
export class InstallationTokens {
  readonly #entries = new Map<string, Entry>();
  readonly #calls: Calls;
  readonly #nowMs: () => number;

  constructor(calls: Calls, nowMs: () => number) {
    this.#calls = calls;
    this.#nowMs = nowMs;
  }

  /** Never rejects. */
  get(scope: TokenScope): Promise<Minted> {
    const key = keyOf(scope);
    const known = this.#entries.get(key);
    if (known !== undefined && this.#nowMs() < known.untilMs) return known.minted;
    const entry: Entry = { minted: this.#mint(scope, (untilMs) => (entry.untilMs = untilMs)), untilMs: Number.POSITIVE_INFINITY };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    bound(this.#entries, CAPACITY);
    return entry.minted;
  }

  async #mint(scope: TokenScope, keepUntil: (untilMs: number) => void): Promise<Minted> {
    const reply = await this.#calls.send({
      method: 'POST',
      path: '/app/installations/{installation_id}/access_tokens',
      params: { installation_id: scope.installationId },
      json: bodyOf(scope),
    });
    const nowMs = this.#nowMs();
    const answer = reply.kind === 'answered' && reply.status < 300 ? answerSchema.safeParse(reply.data) : undefined;
    if (answer?.success !== true) {
      keepUntil(0);
      return { kind: 'failed', reply };
    }
    keepUntil(Math.min(nowMs + USED_FOR_MS, Date.parse(answer.data.expires_at) - 60_000));
    return { kind: 'token', token: answer.data.token, mintedAtMs: nowMs };
  }

  /** Drops the token of a scope that GitHub did not take. */
  forget(scope: TokenScope): void {
    this.#entries.delete(keyOf(scope));
  }
}
