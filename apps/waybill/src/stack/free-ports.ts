import { createServer } from 'node:net';

/** Names those of the ports that something listens on already. */
export async function portsInUse(ports: Readonly<Record<string, number>>): Promise<string[]> {
  const checked = await Promise.all(Object.entries(ports).map(async ([name, port]) => ((await isFree(port)) ? [] : [`${port} (${name})`])));
  return checked.flat();
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
