import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { findNatsServer } from '../find.ts';
import { script, temporaryFolder } from '../testing/sandbox.ts';
import { type LaunchOptions, launchNats, type RunningNats } from './launch.ts';
import { renderServerConfig, type ServerSettings } from './server-config.ts';

const run = promisify(execFile);
let binary = '';
beforeAll(async () => {
  binary = (await findNatsServer()).binary;
});

type Settings = Partial<ServerSettings> & { readonly folder?: string };

async function launch(
  { folder = temporaryFolder(), ...config }: Settings = {},
  options: Partial<LaunchOptions> = {},
): Promise<RunningNats> {
  const nats = await launchNats({ binary, folder, ...options, config: { serverName: 'test-1', ...config } });
  onTestFinished(async () => void (await nats.kill()));
  return nats;
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const errorOf = (launched: Promise<unknown>): Promise<string> =>
  launched.then(
    () => expect.fail('it was launched'),
    (error: unknown) => (error instanceof Error ? error.message : expect.fail('not an error')),
  );

/** Speaks the NATS protocol by hand and returns what the server said up to its answer to a PING. */
async function say(nats: RunningNats, login: Record<string, string> = {}, command = ''): Promise<string> {
  const socket = connect(nats.port, '127.0.0.1').setEncoding('utf8');
  socket.write(
    `CONNECT ${JSON.stringify({ verbose: false, lang: 'test', version: '0', protocol: 1, headers: true, ...login })}\r\n${command}PING\r\n`,
  );
  let heard = '';
  for await (const part of socket) {
    heard += String(part);
    if (/PONG|-ERR/.test(heard)) break;
  }
  return heard;
}

/** One JetStream request, answered on a subject of our own. */
async function request(nats: RunningNats, subject: string, body: string): Promise<string> {
  const socket = connect(nats.port, '127.0.0.1').setEncoding('utf8');
  socket.write(
    `CONNECT {"verbose":false,"lang":"test","version":"0","protocol":1}\r\nSUB answer 1\r\nPUB ${subject} answer ${Buffer.byteLength(body)}\r\n${body}\r\n`,
  );
  let heard = '';
  for await (const part of socket) {
    heard += String(part);
    if (/MSG answer [\s\S]*\}\r\n/.test(heard)) break;
  }
  return heard.slice(heard.indexOf('MSG answer'));
}

describe('the generated configuration', () => {
  const full = {
    listenHost: '127.0.0.1',
    port: 4222,
    domain: 'eu',
    maxFileStoreBytes: 1_000_000,
    monitorPort: 8222,
    syncInterval: 'always',
    maxConsumersPerStream: 5_000,
  } as const;
  const users = [{ user: 'a b', password: 'p$w"\\{}#' }];

  it.each([
    ['least', {}],
    ['full', full],
    ['full with users', { ...full, users }],
  ])('passes the check of the server: %s', async (_, settings) => {
    const folder = temporaryFolder();
    const file = join(folder, 'test.conf');
    writeFileSync(file, renderServerConfig({ serverName: 'test-1', storeDir: folder, ...settings }));
    const { stderr } = await run(binary, ['-t', '-c', file]);
    expect(stderr).toContain('is valid');
    writeFileSync(file, `${readFileSync(file, 'utf8')}no_such_field: 1\n`);
    await expect(run(binary, ['-t', '-c', file])).rejects.toThrow('no_such_field');
  });
});

describe('a launched nats-server', () => {
  it('greets on a free port with JetStream on and the payload limit set', async () => {
    const nats = await launch({ domain: 'eu' });
    const greeting = await say(nats);
    expect(greeting).toContain('"jetstream":true');
    expect(greeting).toContain('"max_payload":8388608');
    expect(greeting).toContain('"domain":"eu"');
    expect(nats.url).toBe(`nats://127.0.0.1:${nats.port}`);
    expect(statSync(nats.configFile).mode & 0o077).toBe(0);
  });

  it('lets only its users in', async () => {
    const nats = await launch({ users: [{ user: 'a b', password: 'p$w"\\{}#' }] });
    expect(await say(nats, { user: 'a b', pass: 'p$w"\\{}#' })).toContain('PONG');
    expect(await say(nats, { user: 'a b', pass: 'wrong' })).toContain('Authorization Violation');
  });

  it('reads a password from its environment', async () => {
    vi.stubEnv('WAYBILL_SPEC_PASSWORD', 'from-outside');
    onTestFinished(() => void vi.unstubAllEnvs());
    const nats = await launch({ users: [{ user: 'a', password: { env: 'WAYBILL_SPEC_PASSWORD' } }] });
    expect(await say(nats, { user: 'a', pass: 'from-outside' })).toContain('PONG');
    expect(readFileSync(nats.configFile, 'utf8')).not.toContain('from-outside');
  });

  it('may listen on every address', async () => {
    const nats = await launch({ listenHost: '0.0.0.0' });
    expect(await say(nats)).toContain('PONG');
  });

  it('stops, says so, and may be stopped twice', async () => {
    const nats = await launch();
    await Promise.all([nats.stop(), nats.stop()]);
    await nats.kill();
    expect(await nats.exited).toMatchObject({ signal: null });
    expect(isAlive(nats.pid)).toBe(false);
    expect(readFileSync(nats.logFile, 'utf8')).toContain('Server Exiting');
  });

  it('keeps what it stored, over a stop and over a kill, on the same port', async () => {
    const folder = temporaryFolder();
    const first = await launch({ folder });
    expect(await request(first, '$JS.API.STREAM.CREATE.S', '{"name":"S","subjects":["s.>"],"storage":"file"}')).toContain(
      '"did_create":true',
    );
    expect(await request(first, 's.one', 'x')).toContain('"seq":1');
    await first.kill();
    expect(await first.exited).toMatchObject({ signal: 'SIGKILL' });
    const second = await launch({ folder, port: first.port });
    expect(await request(second, 's.two', 'y')).toContain('"seq":2');
    await second.stop();
    const third = await launch({ folder, port: first.port });
    expect(third.url).toBe(first.url);
    expect(await request(third, 's.three', 'z')).toContain('"seq":3');
    expect(existsSync(join(third.storeDir, 'jetstream'))).toBe(true);
    expect(readdirSync(join(folder, 'run'))).toHaveLength(1);
  });

  it('runs from a configuration file of one’s own', async () => {
    const folder = temporaryFolder();
    const configFile = join(folder, 'own.conf');
    writeFileSync(configFile, 'listen: "127.0.0.1:-1"\nmax_payload: 4096\n');
    const nats = await launchNats({ binary, folder, configFile, storeDir: folder });
    onTestFinished(async () => void (await nats.kill()));
    expect(await say(nats)).toContain('"max_payload":4096');
  });

  it('sets a log aside that has grown large', async () => {
    const folder = temporaryFolder();
    const logFile = join(folder, 'nats-server.log');
    writeFileSync(logFile, '');
    truncateSync(logFile, 11 * 1024 * 1024);
    const nats = await launch({ folder });
    expect(statSync(`${logFile}.1`).size).toBe(11 * 1024 * 1024);
    expect(readFileSync(nats.logFile, 'utf8')).toContain('Server is ready');
  });
});

describe('a nats-server that cannot be launched', () => {
  it('names the port that another program holds', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    expect(await errorOf(launch({ port }))).toContain(`127.0.0.1:${port} is in use by another program`);
    expect(await errorOf(launch({ monitorPort: port }))).toContain(`127.0.0.1:${port} is in use by another program`);
  });

  it('gives the last words of one that ends early', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'x'));
    const configFile = join(folder, 'bad.conf');
    writeFileSync(configFile, 'no_such_field: 1\n');
    const message = await errorOf(launchNats({ binary, folder, configFile, storeDir: folder }));
    expect(message).toMatch(/ended with code 1 before it was ready/);
    expect(message).toContain('unknown field "no_such_field"');
  });

  it('does not mix in the words of an earlier run', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'nats-server.log'), 'listen tcp 1.2.3.4:5: bind: address already in use\n');
    const message = await errorOf(launch({ folder }, { binary: script(folder, 'ends', 'echo short; exit 3') }));
    expect(message).toContain('ended with code 3');
    expect(message).not.toContain('1.2.3.4');
  });

  it('is killed when it never gets ready', async () => {
    const folder = temporaryFolder();
    const stuck = script(folder, 'stuck', `echo $$ > ${folder}/pid; trap "" TERM; while :; do :; done`);
    expect(await errorOf(launch({ folder }, { binary: stuck, readyWithinMs: 500 }))).toContain('was not ready within 0.5 s');
    expect(isAlive(Number(readFileSync(join(folder, 'pid'), 'utf8')))).toBe(false);
  });

  it('is named when it cannot be run at all', async () => {
    expect(await errorOf(launch({}, { binary: '/no/such/nats-server' }))).toMatch(/^\/no\/such\/nats-server cannot be run: .*ENOENT/);
  });
});

describe('stopping', () => {
  it('kills a server that does not heed SIGTERM', async () => {
    const folder = temporaryFolder();
    // A server that ignores SIGTERM: stopped by SIGSTOP it cannot react, as one that hangs in the kernel.
    const nats = await launch({ folder }, { stopWithinMs: 300 });
    process.kill(nats.pid, 'SIGSTOP');
    await nats.stop();
    expect(await nats.exited).toMatchObject({ signal: 'SIGKILL' });
  });
});
