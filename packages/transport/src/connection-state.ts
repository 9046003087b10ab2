import type { NatsConnection } from '@nats-io/transport-node';

type Listener = () => void;

/** Follows the states of a connection and tells who asked. Ends with the connection. */
export function followConnection(nc: NatsConnection): {
  isUp: () => boolean;
  onDisconnect: (listener: Listener) => Listener;
  onReconnect: (listener: Listener) => Listener;
} {
  let up = true;
  const lost = new Set<Listener>();
  const regained = new Set<Listener>();
  const follow = async (): Promise<void> => {
    for await (const { type } of nc.status()) {
      if (type === 'disconnect' || type === 'staleConnection' || type === 'close') {
        up = false;
        for (const listener of lost) listener();
      } else if (type === 'reconnect') {
        up = true;
        for (const listener of regained) listener();
      }
    }
  };
  void follow();
  return { isUp: () => up && !nc.isClosed(), onDisconnect: subscribe(lost), onReconnect: subscribe(regained) };
}

const subscribe =
  (listeners: Set<Listener>) =>
  (listener: Listener): Listener => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
