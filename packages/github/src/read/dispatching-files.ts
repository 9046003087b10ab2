import type { FoundFile, RepositoryFacts } from '@waybill/dispatching';
import { z } from 'zod';
import { type Asking, away, readAnswer } from '../call/asking.ts';
import type { Answered } from '../call/calls.ts';
import { Etags } from '../call/etags.ts';
import { FreshCache } from '../call/fresh-cache.ts';
import { isRepositoryName } from '../call/github-ids.ts';
import { GithubRefused } from '../github-app.ts';
import type { ReadScope } from './read-scope.ts';

const CAPACITY = 500;
const ROOT = 'dispatching.yml';
const FOLDER = '.github/dispatching.yml';
/** One more than the reader takes: what is larger is handed on cut, and refused there with its own words. */
const MAX_BYTES = 65_537;

const fileSchema = z.object({
  type: z.string(),
  size: z.number(),
  sha: z.string().optional(),
  encoding: z.string().optional(),
  content: z.string().optional(),
});
/** Folders are lists. */
const contentsSchema = z.union([fileSchema, z.array(z.unknown())]);

type Place = Pick<RepositoryFacts, 'owner' | 'name' | 'installationId'>;
type Contents = Pick<Extract<FoundFile, { kind: 'found' }>, 'text' | 'sha' | 'isWithheld'> | 'no file';

function readContents(answer: Answered): Contents {
  const contents = readAnswer(contentsSchema, answer);
  if (Array.isArray(contents) || contents.type !== 'file') return 'no file';
  const { sha, size, encoding, content = '' } = contents;
  // Above a megabyte GitHub leaves the text out.
  if (encoding !== 'base64') return { sha, text: '#'.repeat(Math.min(size, MAX_BYTES)), isWithheld: true };
  return { sha, text: Buffer.from(content, 'base64').subarray(0, MAX_BYTES).toString('utf8') };
}

/** Reads the `dispatching.yml` of default branches. */
export class DispatchingFiles {
  readonly #asking: Asking;
  readonly #scope: ReadScope;
  readonly #moved: (owner: string, name: string) => void;
  readonly #files: FreshCache<FoundFile>;
  readonly #etags = new Etags<Contents>(2 * CAPACITY);

  constructor(parts: {
    asking: Asking;
    scope: ReadScope;
    freshMs: number;
    nowMs: () => number;
    /** Told when a repository that was looked up is not where it was. */
    moved: (owner: string, name: string) => void;
  }) {
    this.#asking = parts.asking;
    this.#scope = parts.scope;
    this.#moved = parts.moved;
    this.#files = new FreshCache(parts.freshMs, CAPACITY, parts.nowMs);
  }

  async read(place: Place, { andShadowed }: { readonly andShadowed: boolean }): Promise<FoundFile> {
    if (!isRepositoryName(place.owner, place.name)) return { kind: 'missing' };
    const key = `${place.installationId} ${place.owner}/${place.name} ${andShadowed}`.toLowerCase();
    return this.#files.get(key, () => (andShadowed ? this.#readBoth(place) : this.#readFirst(place)));
  }

  async #readFirst(place: Place): Promise<FoundFile> {
    for (const path of [ROOT, FOLDER] as const) {
      const contents = await this.#readOne(place, path);
      if (contents !== 'no file') return { kind: 'found', ...contents, path, shadowed: false };
    }
    return { kind: 'missing' };
  }

  async #readBoth(place: Place): Promise<FoundFile> {
    const [root, folder] = await Promise.all([this.#readOne(place, ROOT), this.#readOne(place, FOLDER)]);
    if (root !== 'no file') return { kind: 'found', ...root, path: ROOT, shadowed: folder !== 'no file' };
    return folder === 'no file' ? { kind: 'missing' } : { kind: 'found', ...folder, path: FOLDER, shadowed: false };
  }

  async #readOne({ installationId, owner, name }: Place, path: typeof ROOT | typeof FOLDER): Promise<Contents> {
    // Not as a parameter: its slash would be escaped.
    const call = { method: 'GET', path: `/repos/{owner}/{repo}/contents/${path}`, params: { owner, repo: name } } as const;
    try {
      const read = await this.#scope.with(installationId, (scope) =>
        this.#asking.unlessChanged(scope, call, { etags: this.#etags, read: readContents }),
      );
      if (typeof read === 'string' || 'text' in read) return read;
    } catch (error) {
      const isThere = !(error instanceof GithubRefused) || error.status !== 404;
      if (isThere) throw error;
      return 'no file';
    }
    this.#moved(owner, name);
    throw away(`${owner}/${name} was renamed or transferred just now`);
  }
}
