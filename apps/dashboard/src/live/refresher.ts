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
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastMs = 0;

  /** `isMine`: of which kinds of queries it takes care, every `everyMs` at most. */
  constructor(client: QueryClient, everyMs: number, isMine: (kind: unknown) => boolean) {
    this.#client = client;
    this.#everyMs = everyMs;
    this.#isMine = isMine;
  }

  add(frame: LiveFrame): void {
    this.#changes.add(frame);
    this.#timer ??= setTimeout(() => this.flush(), Math.max(SOON_MS, this.#lastMs + this.#everyMs - performance.now()));
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (document.hidden || this.#changes.isEmpty) return;
    this.#lastMs = performance.now();
    const changes = this.#changes;
    this.#changes = new Changes();
    const isOld = ({ queryKey }: Query): boolean => this.#isMine(queryKey[0]) && changes.concern(queryKey);
    void this.#client.invalidateQueries({ predicate: isOld, refetchType: 'none' });
    void this.#client.refetchQueries({ type: 'active', predicate: (query) => isOld(query) && isFollowed(query) });
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
