import { findNatsServer, launchNats, type RunningNats } from '@waybill/nats-server';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { subjects } from '@waybill/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bus, connectBus } from './bus.ts';
import { provision } from './provision.ts';
import { Publisher } from './publisher.ts';
import { regionTopology } from './topology.ts';
import { eventually } from './testing/region.ts';

const USERS = (password: string): string => `
  authorization { users: [
    { user: admin, password: admin }
    { user: planner, password: "${password}", permissions: { publish: ["wb.us.>"], subscribe: ["_INBOX_us.planner.>"] } }
  ] }`;
const TOKEN = 'authorization { token: "the key" }';

describe('connecting to NATS', () => {
  let folder: string;
  let port: number;
  let server: RunningNats | undefined;
  const open: Bus[] = [];

  const start = async (authorization: string): Promise<string> => {
    const configFile = join(folder, 'server.conf');
    await writeFile(configFile, `listen: "127.0.0.1:${port}"\njetstream { store_dir: "${folder}", domain: us }\n${authorization}\n`);
    const { binary } = await findNatsServer();
    server = await launchNats({ binary, folder, configFile, storeDir: folder });
    return server.url;
  };
  const connect = async (options: Omit<Parameters<typeof connectBus>[0], 'name'>): Promise<Bus> => {
    const bus = await connectBus({ name: 'bus-spec', ...options });
    open.push(bus);
    return bus;
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'waybill-bus-'));
    const free = createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const address = free.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
    free.close();
  });
  afterEach(async () => {
    for (const bus of open.splice(0)) await bus.close();
    await server?.kill();
    server = undefined;
    await rm(folder, { recursive: true, force: true });
  });

  it('lets a user with few rights publish and hear its acks', async () => {
    const servers = await start(USERS('right'));
    await provision(await connect({ servers, user: 'admin', password: 'admin' }), regionTopology('us'));
    const publisher = new Publisher(await connect({ servers, user: 'planner', password: 'right', inboxPrefix: '_INBOX_us.planner' }));
    const stored = await publisher.publish({ subject: subjects.fact('us', 'g', 'event.accepted'), body: '{}', msgId: 'one' });
    expect(stored).toMatchObject({ stream: 'LOG_US', seq: 1 });
    publisher.close();
  });

  it.each([{ token: 'the key' }, { password: 'the key' }])('takes a token, given as %j', async (login) => {
    const bus = await connect({ servers: await start(TOKEN), ...login });
    expect(bus.isUp()).toBe(true);
  });

  it('reaches another JetStream domain when one is named', async () => {
    const servers = await start('');
    await expect((await connect({ servers, domain: 'us' })).jsm.getAccountInfo()).resolves.toMatchObject({ domain: 'us' });
    await expect((await connect({ servers, domain: 'eu' })).jsm.getAccountInfo()).rejects.toThrow();
  });

  it('says at once that the credentials are refused, without telling them', async () => {
    const servers = (await start(USERS('right'))).replace('//', '//someone:secret@');
    const refused = connect({ servers, user: 'planner', password: 'wrong' });
    await expect(refused).rejects.toMatchObject({
      code: 'WB_NATS_AWAY',
      message: `NATS at ${server?.url} refuses the credentials of user planner`,
    });
    await expect(connect({ servers })).rejects.toMatchObject({ code: 'WB_NATS_AWAY' });
  });

  it('says that an address is none', async () => {
    await expect(connect({ servers: 'nats://local host:4222' })).rejects.toMatchObject({ code: 'WB_CONFIG_INVALID' });
  });

  it('waits for a server that is not there yet, and tells so once', async () => {
    const told: string[] = [];
    const connecting = connect({ servers: `nats://127.0.0.1:${port}`, onWaiting: (detail) => void told.push(detail) });
    await eventually(() => told.length > 0);
    await start('');
    expect((await connecting).isUp()).toBe(true);
    expect(told).toEqual([`waiting for NATS at nats://127.0.0.1:${port}`]);
  });

  it('stops waiting when told to', async () => {
    const stop = new AbortController();
    const connecting = connect({ servers: `nats://127.0.0.1:${port}`, signal: stop.signal });
    stop.abort(new Error('the worker was stopped'));
    await expect(connecting).rejects.toThrow('the worker was stopped');
  });

  it('comes back after its credentials were refused for a while', async () => {
    const servers = await start(USERS('right'));
    const bus = await connect({ servers, user: 'planner', password: 'right', inboxPrefix: '_INBOX_us.planner' });
    await server?.kill();
    await eventually(() => !bus.isUp());
    await start(USERS('another'));
    const refusals: string[] = [];
    void (async () => {
      for await (const status of bus.nc.status()) if (status.type === 'error') refusals.push(status.error.name);
    })();
    await eventually(() => refusals.length >= 3);
    await server?.kill();
    await start(USERS('right'));
    await eventually(() => bus.isUp());
  });
});
