import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return address.port;
}

/** Ports of the loopback address that nobody listens on now, all different. Another program may take one before it is used. */
export async function freePorts(count: number): Promise<number[]> {
  const held = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(held.map((server) => once(server, 'listening')));
  const ports = held.map(portOf);
  await Promise.all(held.map((server) => once(server.close(), 'close')));
  return ports;
}
