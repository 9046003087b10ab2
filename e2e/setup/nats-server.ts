import { findNatsServer } from '@waybill/nats-server';

/** Finds nats-server once, before all test files: on a new machine it is fetched, and that should happen one time and be seen. */
export async function setup(): Promise<void> {
  const told = new Set<string>();
  const found = await findNatsServer({
    onProgress: ({ way, text }) => {
      if (!told.has(way)) process.stderr.write(`nats-server, ${way}: ${text}\n`);
      told.add(way);
    },
  });
  process.env['NATS_SERVER_BIN'] = found.binary;
}
