import type { LiveFrame } from '@waybill/contracts';
import type { Query, QueryClient } from '@tanstack/react-query';
import { MOST_PAGES_FOLLOWED } from '../api/list.ts';
import { Changes } from './changes.ts';

/** What comes together is taken together. */
const SOON_MS = 100;

/** A list of which a person has seen many pages is only marked as old: it says so, and is asked for again when that is wanted. */
const isFollowed = ({ state: { data } }: Query): boolean =>
  typeof data !== 'object' || data === null || !('pages' in data) || !Array.isArray(data.pages) || data.pages.length <= MOST_PAGES_FOLLOWED;

/** Makes queries old that frames concern: at once when that was not done lately, else a while after; not while nobody looks. */
export class Refresher {
  readonly #client: QueryClient;
  readonly #everyMs: number;
  readonly #isMine: (kind: unknown) => boolean;
  #changes = new Changes();
  /** Hashes of queries that were under way when they became old: what they bring may be of before. */
  readonly #again = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastMs = -Infinity;

  /** `isMine`: of which kinds of queries it takes care, every `everyMs` at most. */
  constructor(client: QueryClient, everyMs: number, isMine: (kind: unknown) => boolean) {
    this.#client = client;
    this.#everyMs = everyMs;
    this.#isMine = isMine;
  }

  add(frame: LiveFrame): void {
    this.#changes.add(frame);
    this.#arm();
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (document.hidden || (this.#changes.isEmpty && this.#again.size === 0)) return;
    this.#lastMs = performance.now();
    const old = this.#takeOld();
    const now = new Set(old.filter(({ state }) => state.fetchStatus !== 'fetching'));
    for (const query of old) {
      query.invalidate();
      // Not broken off, for where answers are slow none would ever come.
      if (!now.has(query)) this.#again.add(query.queryHash);
    }
    void this.#client.refetchQueries({ type: 'active', predicate: (query) => now.has(query) && isFollowed(query) });
    if (this.#again.size > 0) this.#arm();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #arm(): void {
    this.#timer ??= setTimeout(() => this.flush(), Math.max(SOON_MS, this.#lastMs + this.#everyMs - performance.now()));
  }

  #takeOld(): Query[] {
    const [changes, again] = [this.#changes, new Set(this.#again)];
    this.#changes = new Changes();
    this.#again.clear();
    const isOld = ({ queryKey, queryHash }: Query): boolean => changes.concern(queryKey) || again.has(queryHash);
    return this.#client.getQueryCache().findAll({ predicate: (query) => this.#isMine(query.queryKey[0]) && isOld(query) });
  }
}
