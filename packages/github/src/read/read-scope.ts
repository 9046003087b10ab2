import type { TokenScope } from '../call/installation-tokens.ts';
import { GithubRefused } from '../github-app.ts';

/**
 * Reads with a token that reads files and nothing else. An App may hold `single_file` in place of `contents`: GitHub makes no token of rights that
 * an installation does not have, so the other one is tried, and remembered.
 */
export class ReadScope {
  readonly #singleFile = new Set<string>();

  async with<T>(installationId: string, ask: (scope: TokenScope) => Promise<T>): Promise<T> {
    const scopeOf = (right: 'contents' | 'single_file'): TokenScope => ({
      installationId,
      permissions: { [right]: 'read' },
    });
    if (this.#singleFile.has(installationId)) return ask(scopeOf('single_file'));
    try {
      return await ask(scopeOf('contents'));
    } catch (error) {
      if (!(error instanceof GithubRefused) || error.status !== 422) throw error;
      const read = await ask(scopeOf('single_file'));
      this.#singleFile.add(installationId);
      return read;
    }
  }
}
