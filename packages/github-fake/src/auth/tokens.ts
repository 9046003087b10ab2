import { randomBytes } from 'node:crypto';
import type { Permissions } from '../options.ts';
import type { FakeOwner, FakeRepository } from '../state/model.ts';

const HOUR_MS = 3_600_000;
const KEPT_TOKENS = 50_000;

/** An installation access token and what it opens. */
export interface Token {
  readonly text: string;
  readonly owner: FakeOwner;
  readonly permissions: Permissions;
  /** Undefined: all of the installation. */
  readonly repositoryIds: ReadonlySet<number> | undefined;
  readonly expiresAtMs: number;
}

/** Installation tokens: minted, found, run out after an hour. */
export class Tokens {
  format: 'short' | 'jwt';
  private readonly minted = new Map<string, Token>();

  constructor(format: 'short' | 'jwt') {
    this.format = format;
  }

  mint(owner: FakeOwner, permissions: Permissions, repositories: readonly FakeRepository[] | undefined, nowMs: number): Token {
    const token: Token = {
      text: this.text(owner),
      owner,
      permissions: { metadata: 'read', ...permissions },
      repositoryIds: repositories === undefined ? undefined : new Set(repositories.map((repository) => repository.id)),
      expiresAtMs: nowMs + HOUR_MS,
    };
    this.minted.set(token.text, token);
    if (this.minted.size > KEPT_TOKENS) {
      const [oldest] = this.minted.keys();
      this.minted.delete(oldest ?? '');
    }
    return token;
  }

  find(text: string, nowMs: number): Token | undefined {
    const token = this.minted.get(text);
    return token !== undefined && token.expiresAtMs > nowMs ? token : undefined;
  }

  /** GitHub forgets all tokens: every call answers 401 until new ones are minted. */
  revokeAll(): void {
    this.minted.clear();
  }

  private text(owner: FakeOwner): string {
    if (this.format === 'short') {
      return `ghs_${randomBytes(18).toString('hex')}`;
    }
    return `ghs_${owner.installationId}_${part(27)}.${part(180)}.${part(192)}`;
  }
}

function part(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}

/** Whether `granted` holds `level` of the permission. */
export function grants(granted: Permissions, name: string, level: 'read' | 'write'): boolean {
  return granted[name] === 'write' || granted[name] === level;
}
