import type { ServerResponse } from 'node:http';
import type { LiveClient } from '../../application/live/live-ports.ts';

/** What waits for a client at most; one that takes less than it is sent is ended there, and comes back to what it has missed. */
const MOST_WAITING_BYTES = 1_048_576;

/** A client behind an answer that has begun. */
export const liveClient = (response: ServerResponse): LiveClient => ({
  send: (bytes) => {
    if (response.destroyed) return;
    response.write(bytes);
    if (response.writableLength > MOST_WAITING_BYTES) response.destroy();
  },
  // A client that does not read would not let its answer end.
  end: () => void (response.writableLength > 0 ? response.destroy() : response.end()),
});
