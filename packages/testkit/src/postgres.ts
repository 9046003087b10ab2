import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import { access, chmod, chown, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A PostgreSQL server of our own: free port, temporary folder, C collation. */
export interface TestPostgres {
  readonly url: string;
  readonly pid: number;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data, after `kill`. */
  restart(): Promise<void>;
  /** Ends it and removes its folder. */
  cleanup(): Promise<void>;
}

/** What came of looking for PostgreSQL: the folder of its programs, or why there is none. */
export type PostgresSearch = { readonly bin: string } | { readonly missing: string };

const DOWNLOAD_BUDGET_MS = 120_000;
/** Where Debian puts the programs of each version. */
const DEBIAN_ROOT = 'usr/lib/postgresql';
/** The user that owns nothing: PostgreSQL refuses to run as root. */
const NOBODY = { uid: 65_534, gid: 65_534 };

/**
 * Finds PostgreSQL's programs: PATH, where Debian installs them, the cache, and last Debian's package, downloaded with the machine's own apt
 * and unpacked into the cache without installing. `POSTGRES_BIN` names a folder and wins. Never throws.
 */
export async function findPostgres(env: NodeJS.ProcessEnv = process.env): Promise<PostgresSearch> {
  const chosen = env['POSTGRES_BIN'];
  if (chosen !== undefined)
    return (await works(chosen)) ? { bin: chosen } : { missing: `POSTGRES_BIN=${chosen} holds no working initdb and postgres` };
  const cache = cacheFolder(env);
  const onPath = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const known = [...(await versionsIn('/')), ...onPath, ...(await versionsIn(cache))];
  for (const folder of known) if (await works(folder)) return { bin: folder };
  return unpackFromDebian(cache);
}

/** Root's own cache is closed to the user that the server must run as. */
const cacheFolder = (env: NodeJS.ProcessEnv): string =>
  process.getuid?.() === 0
    ? '/var/cache/waybill/postgresql'
    : join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'waybill', 'postgresql');

async function versionsIn(root: string): Promise<string[]> {
  const versions = await readdir(join(root, DEBIAN_ROOT)).catch((): string[] => []);
  return versions.toSorted((left, right) => Number(right) - Number(left)).map((version) => join(root, DEBIAN_ROOT, version, 'bin'));
}

/** A name on PATH may be a shim without a server behind it, so both programs must say their version. */
async function works(bin: string): Promise<boolean> {
  const env = environmentFor(bin);
  try {
    for (const program of ['initdb', 'postgres']) {
      await access(join(bin, program));
      await run(join(bin, program), ['--version'], { timeout: 5_000, env });
    }
    return true;
  } catch {
    return false;
  }
}

/**
 * Downloads Debian's package into a folder beside `cache` and moves it there when whole, so that two runs at once cannot spoil each other.
 * The mirror is the one that this machine's apt is set up with.
 */
export async function unpackFromDebian(cache: string): Promise<PostgresSearch> {
  const parent = join(cache, '..');
  await mkdir(parent, { recursive: true });
  const staging = await mkdtemp(join(parent, 'postgresql-'));
  try {
    await unpackPackages(staging);
    await chmod(staging, 0o755);
    await rename(staging, cache).catch(() => undefined);
    for (const bin of await versionsIn(cache)) if (await works(bin)) return { bin };
    return { missing: 'the Debian package was unpacked, and its programs do not run here' };
  } catch (error) {
    return { missing: `no working PostgreSQL on this machine, and its Debian package cannot be had: ${firstLine(error)}` };
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function unpackPackages(folder: string): Promise<void> {
  const options = { cwd: folder, timeout: DOWNLOAD_BUDGET_MS, env: { ...process.env, LC_ALL: 'C' } };
  const needs = async (name: string): Promise<string[]> => {
    const { stdout } = await run('apt-cache', ['depends', '--important', name], options);
    return [...stdout.matchAll(/Depends: ([a-z0-9.+-]+)/g)].flatMap(([, needed]) => needed ?? []);
  };
  const server = (await needs('postgresql')).find((name) => /^postgresql-\d+$/.test(name));
  if (server === undefined) throw new Error('apt knows no package postgresql (its lists may be missing: run apt-get update)');
  // The C library is the machine's own: another one beside it would not start at all.
  const libraries = (await needs(server)).filter((name) => name.startsWith('lib') && !/^libc6|^libllvm|^libgcc|^libstdc/.test(name));
  // An index older than the mirror names packages that are gone: a fresh one is asked for, where that is allowed.
  const download = () => run('apt-get', ['download', '-q', server, ...libraries], options);
  await download().catch(async () => {
    await run('apt-get', ['update', '-q'], options);
    await download();
  });
  for (const name of await readdir(folder)) if (name.endsWith('.deb')) await run('dpkg-deb', ['-x', name, folder], options);
}

const firstLine = (error: unknown): string => {
  const said = error instanceof Error ? error.message : String(error);
  return said.split('\n').find((line) => line.startsWith('E:')) ?? said.split('\n')[0] ?? said;
};

type Server = ChildProcessByStdio<null, null, Readable>;

/** Starts a PostgreSQL server for one test file. `search` is what `findPostgres` gave. */
export async function startPostgres({ bin }: { readonly bin: string }): Promise<TestPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-postgres-'));
  const user = process.getuid?.() === 0 ? NOBODY : undefined;
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  const options = { ...user, env: environmentFor(bin), cwd: folder };
  const data = join(folder, 'data');
  await run(join(bin, 'initdb'), ['-D', data, '-U', 'waybill', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'], options);
  const port = await freePort();
  const flags = [
    '-D',
    data,
    '-p',
    String(port),
    '-c',
    'listen_addresses=127.0.0.1',
    '-c',
    'unix_socket_directories=',
    '-c',
    'shared_buffers=32MB',
  ];
  const launch = (): Promise<Server> => ready(spawn(join(bin, 'postgres'), flags, { ...options, stdio: ['ignore', 'ignore', 'pipe'] }));
  let server = await launch();
  return {
    url: `postgres://waybill@127.0.0.1:${port}/postgres`,
    get pid() {
      return server.pid ?? 0;
    },
    kill: () => end(server),
    restart: async () => {
      server = await launchAgain(launch);
    },
    cleanup: async () => {
      await end(server);
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Resolves when the server says that it takes connections; rejects with what it said when it ends instead. */
function ready(server: Server): Promise<Server> {
  return new Promise((resolve, reject) => {
    let said = '';
    createInterface({ input: server.stderr }).on('line', (line) => {
      said = `${said}${line}\n`.slice(-2_000);
      if (line.includes('ready to accept connections')) resolve(server);
    });
    server.once('error', reject);
    server.once('exit', () => reject(new Error(`PostgreSQL did not start: ${said}`)));
  });
}

const AGAIN_BUDGET_MS = 20_000;
const AGAIN_MS = 200;

/** Until the children of a killed server have ended, the data folder or the port counts as in use. */
async function launchAgain(launch: () => Promise<Server>): Promise<Server> {
  const deadline = performance.now() + AGAIN_BUDGET_MS;
  for (;;) {
    try {
      return await launch();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await delay(AGAIN_MS);
    }
  }
}

/** An unpacked package has its libraries beside it instead of in the system. */
function environmentFor(bin: string): NodeJS.ProcessEnv {
  const base = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' };
  const at = bin.indexOf(`/${DEBIAN_ROOT}/`);
  if (at <= 0) return base;
  const system = `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`;
  return { ...base, LD_LIBRARY_PATH: [`usr/lib/${system}`, `lib/${system}`].map((folder) => join(bin.slice(0, at), folder)).join(':') };
}

/** Children of a server that was killed notice it and end by themselves. */
function end(server: Server): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    server.once('exit', () => resolve());
    server.kill('SIGKILL');
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (address === null || typeof address === 'string' ? reject(new Error('no port')) : resolve(address.port)));
    });
  });
}
