import type { LiveState } from '@waybill/contracts';
import { type Query, type QueryClient, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { MOST_PAGES_FOLLOWED } from '../api/list.ts';
import { LiveConnection } from './live-connection.ts';
import { kindsOf } from './kinds.ts';

/** How the page follows what happens. `live`: by events; `polling`: live is away, so everything shown is asked for every ten seconds. */
export interface Following {
  readonly mode: 'live' | 'polling';
  readonly state: LiveState | undefined;
}

const FollowingContext = createContext<Following>({ mode: 'polling', state: undefined });
export const useFollowing = (): Following => useContext(FollowingContext);

const POLL_MS = 10_000;
/** What comes together is taken together. */
const SOON_MS = 100;
/** What changes all the time is asked for again this often at most. */
const AGAIN_MS = 1_000;

/** A list of which a person has seen many pages is only marked as old: it says so, and is asked for again when that is wanted. */
const isFollowed = ({ state: { data } }: Query): boolean =>
  typeof data !== 'object' || data === null || !('pages' in data) || !Array.isArray(data.pages) || data.pages.length <= MOST_PAGES_FOLLOWED;

/** Makes queries old: at once when that was not done lately, else a while after; not while nobody looks. */
class Refresher {
  readonly #client: QueryClient;
  readonly #waiting = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastMs = 0;

  constructor(client: QueryClient) {
    this.#client = client;
  }

  add(kinds: readonly string[]): void {
    for (const kind of kinds) this.#waiting.add(kind);
    this.#timer ??= setTimeout(() => this.flush(), Math.max(SOON_MS, this.#lastMs + AGAIN_MS - performance.now()));
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (document.hidden || this.#waiting.size === 0) return;
    this.#lastMs = performance.now();
    const kinds = new Set(this.#waiting);
    this.#waiting.clear();
    const concerns = ({ queryKey: [kind] }: Query): boolean => typeof kind === 'string' && kinds.has(kind);
    void this.#client.invalidateQueries({ predicate: concerns, refetchType: 'none' });
    void this.#client.refetchQueries({ type: 'active', predicate: (query) => concerns(query) && isFollowed(query) });
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

/** Keeps all queries below it up to date by what the region says happened. */
export function Live({ children }: { readonly children: ReactNode }) {
  const client = useQueryClient();
  const [connected, setConnected] = useState(false);
  const [state, setState] = useState<LiveState>();
  useEffect(() => {
    const refresher = new Refresher(client);
    const connection = new LiveConnection({
      onFrame: (frame) => refresher.add(kindsOf(frame)),
      onState: (told) => {
        setState(told);
        // Queues and ages change all the time, and are told of by nothing else.
        refresher.add(['regions']);
      },
      onReset: () => void client.invalidateQueries(),
      onConnected: setConnected,
    });
    // A browser opens six connections to a host in all: a page that nobody looks at gives its own back, and later gets what it has missed.
    const seen = (): void => {
      if (document.hidden) return connection.close();
      connection.open();
      refresher.flush();
    };
    seen();
    document.addEventListener('visibilitychange', seen);
    return () => {
      connection.close();
      refresher.stop();
      document.removeEventListener('visibilitychange', seen);
    };
  }, [client]);
  useEffect(() => {
    if (connected) return;
    const timer = setInterval(() => document.hidden || void client.invalidateQueries(), POLL_MS);
    return () => clearInterval(timer);
  }, [client, connected]);
  return <FollowingContext.Provider value={{ mode: connected ? 'live' : 'polling', state }}>{children}</FollowingContext.Provider>;
}
