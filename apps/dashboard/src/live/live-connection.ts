import type { LiveFrame, LiveState } from '@waybill/contracts';
import { promised } from '../api/promised.ts';

export interface LiveListener {
  readonly onFrame: (frame: LiveFrame) => void;
  readonly onState: (state: LiveState) => void;
  /** What was missed is not known: everything must be asked for again. */
  readonly onReset: () => void;
  readonly onConnected: (connected: boolean) => void;
}

const AGAIN_MS = [500, 1_000, 2_000, 5_000] as const;

/**
 * Follows `/v1/live`. An EventSource comes back by itself after a broken connection, but gives up on an answer that is none (503 while a service restarts):
 * then it is made anew, and says by itself how far it had come. Returns how to end it.
 */
export function connectLive(listener: LiveListener): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lastId = '';
  let failures = 0;
  const open = (): void => {
    source = new EventSource(lastId === '' ? '/v1/live' : `/v1/live?lastEventId=${encodeURIComponent(lastId)}`);
    source.addEventListener('open', () => {
      failures = 0;
      listener.onConnected(true);
    });
    source.addEventListener('change', (event) => {
      lastId = event.lastEventId;
      listener.onFrame(promised<LiveFrame>(String(event.data)));
    });
    source.addEventListener('state', (event) => listener.onState(promised<LiveState>(String(event.data))));
    source.addEventListener('reset', (event) => {
      lastId = event.lastEventId;
      listener.onReset();
    });
    source.addEventListener('error', () => {
      listener.onConnected(false);
      if (source?.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(open, AGAIN_MS[Math.min(failures, AGAIN_MS.length - 1)]);
      failures += 1;
    });
  };
  open();
  return () => {
    clearTimeout(timer);
    source?.close();
  };
}
