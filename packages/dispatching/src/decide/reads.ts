import type { DecidedFile } from '@waybill/contracts';
import type { FileReading } from '../file/dispatching-file.ts';
import { readDispatchingFile } from '../file/read-file.ts';
import type { FoundFile, GithubReads, RepositoryFacts, RepositoryLookup } from './ports.ts';

export type ReadFile =
  | { readonly kind: 'missing' }
  | { readonly kind: 'read'; readonly reading: FileReading; readonly path: string; readonly shadowed: boolean };

/** Reads of one decision: each repository and each file is asked for once, whoever asks first. */
export class Reads {
  readonly #github: GithubReads;
  readonly #lookups = new Map<string, Promise<RepositoryLookup>>();
  readonly #files = new Map<string, Promise<ReadFile>>();
  readonly #kept: DecidedFile[] = [];

  constructor(github: GithubReads) {
    this.#github = github;
  }

  repository(owner: string, name: string): Promise<RepositoryLookup> {
    return once(this.#lookups, `${owner}/${name}`.toLowerCase(), () => this.#github.repository(owner, name));
  }

  /** Only the first who asks for a file decides whether it is looked for one that it shadows: the source's own is read first. */
  file(repository: RepositoryFacts, look = { andShadowed: false }): Promise<ReadFile> {
    return once(this.#files, repository.id, async () => {
      const found = await this.#github.dispatchingFile(repository, look);
      this.#kept.push(keptOf(repository, found));
      if (found.kind === 'missing') return found;
      return { kind: 'read', reading: readDispatchingFile(found.text), path: found.path, shadowed: found.shadowed };
    });
  }

  /** The files that were read so far: the first one, then the others by name, for they may have been asked for at once. */
  kept(): readonly DecidedFile[] {
    const [first, ...others] = this.#kept;
    return first === undefined ? [] : [first, ...others.toSorted((left, right) => (left.repository < right.repository ? -1 : 1))];
  }
}

function keptOf({ owner, name }: RepositoryFacts, found: FoundFile): DecidedFile {
  const repository = `${owner}/${name}`;
  if (found.kind === 'missing') return { repository, path: 'dispatching.yml', missing: true, text: '' };
  const { path, sha, text, isWithheld } = found;
  const of = { repository, path, ...(sha === undefined ? {} : { sha }) };
  return isWithheld === true ? { ...of, text: '', isCut: true } : { ...of, text };
}

function once<T>(asked: Map<string, Promise<T>>, key: string, ask: () => Promise<T>): Promise<T> {
  const running = asked.get(key) ?? ask();
  asked.set(key, running);
  return running;
}

/** Runs a piece of work for each item, at most `limit` at once. Rejects with the first failure, and begins nothing after it. */
export async function forEachBounded<T>(items: readonly T[], limit: number, work: (item: T) => Promise<unknown>): Promise<void> {
  const rest = [...items];
  let failed = false;
  const lane = async (): Promise<void> => {
    for (let item = rest.shift(); item !== undefined && !failed; item = rest.shift()) {
      try {
        await work(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));
}
