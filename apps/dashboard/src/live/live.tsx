import type { LiveFrame, LiveState } from '@waybill/contracts';
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { askAgainForFailed } from '../api/query-client.ts';
import { sessionQuery } from '../api/session.ts';
import { LiveConnection, type LiveListener } from './live-connection.ts';
import { Refresher } from './refresher.ts';

/** How the page follows what happens. `live`: by events; `polling`: live is away, so everything shown is asked for every ten seconds. */
export interface Following {
  readonly mode: 'live' | 'polling';
  readonly state: LiveState | undefined;
}

const FollowingContext = createContext<Following>({ mode: 'polling', state: undefined });
export const useFollowing = (): Following => useContext(FollowingContext);

const POLL_MS = 10_000;
/** What changes all the time is asked for again this often at most; figures, of which every event changes some, less often. */
const AGAIN_MS = 1_000;
const FIGURES_AGAIN_MS = 3_000;
const isFigure = (kind: unknown): boolean => kind === 'stats' || kind === 'schemas';

/** Keeps all queries below it up to date by what the region says happened. */
export function Live({ children }: { readonly children: ReactNode }) {
  const client = useQueryClient();
  const [isConnected, setConnected] = useState(false);
  const [state, setState] = useState<LiveState>();
  useEffect(() => follow(client, { onState: setState, onConnected: setConnected }), [client]);
  useEffect(() => {
    if (isConnected) return;
    // Nothing is broken off: a question may wait for its answer for longer than that.
    const poll = (): void => void client.invalidateQueries({}, { cancelRefetch: false });
    const timer = setInterval(() => document.hidden || poll(), POLL_MS);
    return () => clearInterval(timer);
  }, [client, isConnected]);
  return <FollowingContext.Provider value={{ mode: isConnected ? 'live' : 'polling', state }}>{children}</FollowingContext.Provider>;
}

/** Makes queries old as the region tells; returns how to end it. */
function follow(client: QueryClient, { onState, onConnected }: Pick<LiveListener, 'onState' | 'onConnected'>): () => void {
  const refreshers = [new Refresher(client, AGAIN_MS, (kind) => !isFigure(kind)), new Refresher(client, FIGURES_AGAIN_MS, isFigure)];
  const refresh = (frame: LiveFrame): void => {
    for (const refresher of refreshers) refresher.add(frame);
  };
  const connection = new LiveConnection({
    onFrame: refresh,
    onState: (told) => {
      onState(told);
      // Queues and ages change all the time, and are told of by nothing else.
      refresh({ at: '', regions: [] });
    },
    onReset: () => void client.invalidateQueries(),
    onConnected: (isConnected) => {
      onConnected(isConnected);
      // What happened meanwhile is told, but not that the region answers again.
      if (isConnected) askAgainForFailed(client);
    },
    onBroken: () => void client.invalidateQueries({ queryKey: sessionQuery.queryKey }),
  });
  // A browser opens six connections to a host in all: a page that nobody looks at gives its own back, and later gets what it has missed.
  const seen = (): void => {
    if (document.hidden) return connection.close();
    connection.open();
    for (const refresher of refreshers) refresher.flush();
  };
  seen();
  document.addEventListener('visibilitychange', seen);
  return () => {
    connection.close();
    for (const refresher of refreshers) refresher.stop();
    document.removeEventListener('visibilitychange', seen);
  };
}
