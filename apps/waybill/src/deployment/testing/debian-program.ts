import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const FETCH_BUDGET_MS = 90_000;

/** A program that runs here. */
export interface Program {
  /** Runs it; rejects with what it said when its exit code is not 0. */
  readonly run: (args: readonly string[], env?: NodeJS.ProcessEnv) => Promise<{ readonly stdout: string; readonly stderr: string }>;
  /** Removes what was fetched for it. */
  readonly cleanUp: () => void;
}

interface Wanted {
  /** How it may be called here, with its first arguments; tried first. */
  readonly calls: readonly (readonly [string, ...string[]])[];
  readonly versionArgs: readonly string[];
  readonly package: string;
  /** Where the package has it. */
  readonly path: string;
  /** Which of the package's dependencies it needs to run. */
  readonly needs: RegExp;
}

/** Finds a program on this machine, or else fetches Debian's package of it into a temporary folder, and installs nothing. */
export async function findProgram(wanted: Wanted): Promise<Program | { readonly missing: string }> {
  for (const call of wanted.calls) {
    const program = programAt(call);
    if (await works(program, wanted)) return program;
  }
  const folder = mkdtempSync(join(tmpdir(), 'waybill-debian-'));
  const cleanUp = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const program = programAt([join(folder, wanted.path)], await unpack(wanted, folder), cleanUp);
    if (await works(program, wanted)) return program;
    throw new Error('it was unpacked, but does not run here');
  } catch (error) {
    cleanUp();
    const why = error instanceof Error ? error.message : String(error);
    return { missing: `${wanted.package} is not on this machine, and Debian's package cannot be had: ${why}` };
  }
}

/** A program by its path or name and its first arguments. `own` is added to its environment. */
export function programAt(
  [binary, ...first]: Wanted['calls'][number],
  own: NodeJS.ProcessEnv = {},
  cleanUp = (): void => undefined,
): Program {
  return { run: (args, env = {}) => run(binary, [...first, ...args], { env: { ...process.env, ...own, ...env } }), cleanUp };
}

const works = (program: Program, { versionArgs }: Wanted): Promise<boolean> =>
  program.run(versionArgs).then(
    () => true,
    () => false,
  );

/** Unpacks the package and what it needs. Returns where its libraries and modules are. */
async function unpack(wanted: Wanted, folder: string): Promise<NodeJS.ProcessEnv> {
  const options = { cwd: folder, timeout: FETCH_BUDGET_MS };
  const quietly = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'].map((kind) => `--no-${kind}`);
  const { stdout } = await run('apt-cache', ['depends', '--recurse', ...quietly, wanted.package], options);
  const needed = stdout.split('\n').filter((line) => wanted.needs.test(line));
  const download = () => run('apt-get', ['download', '-q', wanted.package, ...new Set(needed)], options);
  await download().catch(async () => {
    await run('apt-get', ['update', '-q'], options);
    await download();
  });
  for (const name of await readdir(folder)) if (name.endsWith('.deb')) await run('dpkg-deb', ['-x', name, folder], options);
  const triplet = (await readdir(join(folder, 'usr/lib'))).find((name) => name.includes('-linux-'));
  return {
    PYTHONPATH: join(folder, 'usr/lib/python3/dist-packages'),
    ...(triplet === undefined ? {} : { LD_LIBRARY_PATH: join(folder, 'usr/lib', triplet) }),
  };
}
