import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { REPOSITORY } from '@waybill/bench';

const run = promisify(execFile);
const CONFIG = join(REPOSITORY, 'infra/haproxy/haproxy.cfg');
const DOWNLOAD_BUDGET_MS = 120_000;
const READY_BUDGET_MS = 10_000;

/** A balancer that runs. */
export interface Balancer {
  readonly url: string;
  close(): Promise<void>;
}

/** What it takes to run haproxy: the program, and where its libraries are when they are not the machine's own. */
interface Program {
  readonly binary: string;
  readonly env: NodeJS.ProcessEnv;
  readonly cleanUp: () => void;
}

/** Starts haproxy with the configuration of `infra/haproxy` in front of two ingresses; resolves when it answers. */
export async function startBalancer(port: number, ingresses: readonly [string, string]): Promise<Balancer> {
  const program = await findHaproxy();
  const [a, b] = ingresses.map((url) => new URL(url).host);
  const env = { ...process.env, ...program.env, WAYBILL_BIND: `127.0.0.1:${port}`, WAYBILL_INGRESS_A: a, WAYBILL_INGRESS_B: b };
  // `-W` would fork: one process is ended by its pid.
  const child = spawn(program.binary, ['-db', '-f', CONFIG], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const said: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const close = async (): Promise<void> => {
    await end(child);
    program.cleanUp();
  };
  const url = `http://127.0.0.1:${port}`;
  if (await answers(url, child)) return { url, close };
  await close();
  throw new Error(`haproxy does not answer: ${said.join('').slice(-2_000)}`);
}

async function answers(url: string, child: ChildProcess): Promise<boolean> {
  const deadline = performance.now() + READY_BUDGET_MS;
  while (performance.now() < deadline && child.exitCode === null) {
    const isUp = await fetch(`${url}/health/live`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

const KNOWN = ['haproxy', '/usr/sbin/haproxy', '/usr/local/sbin/haproxy'];

/** Finds haproxy: HAPROXY_BIN, PATH, where Debian puts it, and last Debian's package, unpacked into a temporary folder. Throws with the reason. */
async function findHaproxy(): Promise<Program> {
  const chosen = process.env['HAPROXY_BIN'];
  for (const binary of chosen === undefined ? KNOWN : [chosen]) {
    if (await works(binary, {})) return { binary, env: {}, cleanUp: () => undefined };
  }
  return unpacked();
}

async function works(binary: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  return run(binary, ['-v'], { env: { ...process.env, ...env } }).then(
    () => true,
    () => false,
  );
}

async function unpacked(): Promise<Program> {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-haproxy-'));
  const cleanUp = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const options = { cwd: folder, timeout: DOWNLOAD_BUDGET_MS };
    const { stdout } = await run('apt-cache', ['depends', '--important', 'haproxy'], options);
    const libraries = [...stdout.matchAll(/Depends: (lib[a-z0-9.+-]+)/g)]
      .flatMap(([, name]) => name ?? [])
      .filter((name) => name !== 'libc6');
    const download = () => run('apt-get', ['download', '-q', 'haproxy', ...libraries], options);
    await download().catch(async () => {
      await run('apt-get', ['update', '-q'], options);
      await download();
    });
    for (const name of await readdir(folder)) if (name.endsWith('.deb')) await run('dpkg-deb', ['-x', name, folder], options);
    const triplet = (await readdir(join(folder, 'usr/lib')).catch(() => [])).find((name) => name.includes('-linux-'));
    const env = { LD_LIBRARY_PATH: join(folder, 'usr/lib', triplet ?? '') };
    const binary = join(folder, 'usr/sbin/haproxy');
    if (await works(binary, env)) return { binary, env, cleanUp };
    throw new Error('the Debian package was unpacked, and its program does not run here');
  } catch (error) {
    cleanUp();
    throw new Error(`haproxy is not on this machine and cannot be had from Debian: ${String(error)}. Install it, or set HAPROXY_BIN.`, {
      cause: error,
    });
  }
}
