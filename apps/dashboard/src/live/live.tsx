import type { LiveFrame, LiveState } from '@waybill/contracts';
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { connectLive } from './live-connection.ts';

/** How the page follows what happens. `live`: by events; `polling`: live is away, so everything shown is asked for every ten seconds. */
export interface Following {
  readonly mode: 'live' | 'polling';
  readonly state: LiveState | undefined;
}

const FollowingContext = createContext<Following>({ mode: 'polling', state: undefined });
export const useFollowing = (): Following => useContext(FollowingContext);

const POLL_MS = 10_000;
/** A kind that changes all the time is asked for again this often at most. */
const AGAIN_MS = 500;

/** First parts of the keys of queries that a frame makes old. */
export function kindsOf(frame: LiveFrame): string[] {
  const kinds = new Set<string>();
  const add = (...names: string[]): void => names.forEach((name) => kinds.add(name));
  if (frame.events !== undefined) add('events', 'stats');
  if (frame.deliveries !== undefined) add('deliveries', 'events', 'stats');
  if (frame.deadLetters !== undefined) add('dead-letters', 'stats');
  if (frame.dispatches !== undefined) add('dispatches');
  if (frame.jobs !== undefined) add('jobs');
  if (frame.regions !== undefined) add('regions');
  if (frame.audit === true) add('audit');
  if (frame.registry === true) add('endpoints', 'tenants');
  return [...kinds];
}

/** Makes queries old, each kind at most every half second, and not while nobody looks. */
class Refresher {
  readonly #client: QueryClient;
  readonly #waiting = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: QueryClient) {
    this.#client = client;
  }

  add(kinds: readonly string[]): void {
    for (const kind of kinds) this.#waiting.add(kind);
    this.#timer ??= setTimeout(() => this.flush(), AGAIN_MS);
  }

  flush(): void {
    this.#timer = undefined;
    if (document.hidden) return;
    for (const kind of this.#waiting) void this.#client.invalidateQueries({ queryKey: [kind] });
    this.#waiting.clear();
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
    const seen = (): void => refresher.flush();
    document.addEventListener('visibilitychange', seen);
    const end = connectLive({
      onFrame: (frame) => refresher.add(kindsOf(frame)),
      onState: setState,
      onReset: () => void client.invalidateQueries(),
      onConnected: setConnected,
    });
    return () => {
      end();
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
