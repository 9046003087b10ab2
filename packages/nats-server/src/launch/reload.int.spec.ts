import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '@nats-io/transport-node';
import { findNatsServer } from '../find.ts';
import { temporaryFolder } from '../testing/sandbox.ts';
import { freePorts } from './free-ports.ts';
import { launchNats, type LaunchSettings, type RunningNats } from './launch.ts';
import { waitForJetStream, waitForLink } from './monitoring.ts';
import { reloadServer } from './reload.ts';

let binary = '';
beforeAll(async () => {
  binary = (await findNatsServer()).binary;
});

async function launch(config: LaunchSettings): Promise<RunningNats> {
  const nats = await launchNats({ binary, folder: temporaryFolder(), config });
  onTestFinished(async () => void (await nats.kill()));
  return nats;
}

const isLetIn = async (nats: RunningNats, user: string): Promise<boolean> => {
  const connected = await connect({ servers: nats.url, user, pass: user, maxReconnectAttempts: 0 }).catch(() => undefined);
  await connected?.close();
  return connected !== undefined;
};
const users = (...names: string[]) => names.map((user) => ({ user, password: user }));

describe('a running server', () => {
  it('takes other users over, on the port that it chose', async () => {
    const nats = await launch({ serverName: 'one', users: users('a') });
    expect(await isLetIn(nats, 'b')).toBe(false);
    await nats.reload({ serverName: 'one', users: users('a', 'b') });
    expect([await isLetIn(nats, 'a'), await isLetIn(nats, 'b')]).toEqual([true, true]);
    expect(statSync(nats.configFile).mode & 0o077).toBe(0);
  });

  it.each([
    ['a name', { serverName: 'two' }, /name/i],
    ['a domain', { serverName: 'one', domain: 'other' }, /domain/i],
    ['the same user twice', { serverName: 'one', users: users('a', 'a') }, /user/i],
  ])('says why it does not take over %s, and stays as it was', async (_, config, why) => {
    const nats = await launch({ serverName: 'one', domain: 'eu', users: users('a') });
    const before = readFileSync(nats.configFile, 'utf8');
    await expect(nats.reload({ domain: 'eu', ...config })).rejects.toThrow(why);
    expect(readFileSync(nats.configFile, 'utf8')).toBe(before);
    expect(await isLetIn(nats, 'a')).toBe(true);
    await nats.reload({ serverName: 'one', domain: 'eu', users: users('b') });
    expect(await isLetIn(nats, 'b')).toBe(true);
  });

  it('keeps its file when it is gone or does not answer', async () => {
    const nats = await launch({ serverName: 'one' });
    const before = readFileSync(nats.configFile, 'utf8');
    process.kill(nats.pid, 'SIGSTOP');
    const { pid, configFile, logFile } = nats;
    await expect(reloadServer({ pid, configFile, logFile, text: 'x', withinMs: 200 })).rejects.toThrow('did not answer');
    expect(readFileSync(nats.configFile, 'utf8')).toBe(before);
    await nats.kill();
    await expect(nats.reload({ serverName: 'one' })).rejects.toThrow('does not run');
    expect(readFileSync(nats.configFile, 'utf8')).toBe(before);
  });
});

describe('waiting for a server that greets', () => {
  it('ends when its cluster has a leader, not before', async () => {
    const ports = await freePorts(3);
    const login = { user: 'cluster', password: 'p' };
    const routes = ports.map((port) => `nats://cluster:p@127.0.0.1:${port}`);
    const server = (index: number): Promise<RunningNats> =>
      launch({ serverName: `s${index}`, monitorPort: 0, cluster: { name: 'c', port: ports[index] ?? 0, routes, login } });
    const first = await server(0);
    await expect(waitForJetStream(first, 300)).rejects.toThrow(/not ready after 0.3 s: .*JetStream/);
    await Promise.all([server(1), server(2)]);
    await waitForJetStream(first);
  });

  it('keeps out of a cluster who does not know its password', async () => {
    const [port = 0, other = 0] = await freePorts(2);
    const routes = [port, other].map((one) => `nats://cluster:wrong@127.0.0.1:${one}`);
    const first = await launch({
      serverName: 'first',
      monitorPort: 0,
      cluster: { name: 'c', port, routes, login: { user: 'cluster', password: 'right' } },
    });
    await launch({ serverName: 'second', cluster: { name: 'c', port: other, routes, login: { user: 'cluster', password: 'wrong' } } });
    await expect.poll(() => readFileSync(first.logFile, 'utf8'), { timeout: 20_000 }).toContain('authentication error');
    await expect(waitForJetStream(first, 300)).rejects.toThrow('not ready');
  });

  it('ends when its link is there', async () => {
    const [leaf = 0] = await freePorts(1);
    const remotes = [{ account: '$G', urls: [`nats://link:link@127.0.0.1:${leaf}`] }];
    const region = await launch({ serverName: 'region', monitorPort: 0, leafnodes: { remotes } });
    await expect(waitForLink(region, 300)).rejects.toThrow('no link');
    await launch({ serverName: 'hub', users: users('link'), leafnodes: { listen: { port: leaf } } });
    await waitForLink(region);
  });

  it('needs the monitoring pages, and says when they are away', async () => {
    const without = await launch({ serverName: 'one' });
    await expect(waitForJetStream(without)).rejects.toThrow('monitorPort');
    const stopped = await launch({ serverName: 'two', monitorPort: 0 });
    await stopped.kill();
    await expect(waitForJetStream(stopped, 100)).rejects.toThrow('not ready');
  });
});

describe('free ports', () => {
  it('are different ones that can be listened on', async () => {
    const ports = await freePorts(5);
    expect(new Set(ports).size).toBe(5);
    const { createServer } = await import('node:net');
    const server = createServer().listen(ports[0], '127.0.0.1');
    await once(server, 'listening');
    server.close();
  });
});
