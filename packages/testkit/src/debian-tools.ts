import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const MEBIBYTES_64 = 67_108_864;

/** A program that Debian has in a package. */
interface DebianTool {
  /** As messages call it, and its folder in the cache. */
  readonly name: string;
  /** The packages that are unpacked, the one with the program first. */
  readonly packages: readonly string[];
  /** Where the program lies among the unpacked files. */
  readonly program: string;
  /** Whether what those packages need is unpacked too, as far as this machine lacks it. */
  readonly withWhatLacks: boolean;
  /** How much is downloaded, for the line that says so. */
  readonly about: string;
  /** The variable that names the program of somebody's own. */
  readonly variable: string;
}

const PROMETHEUS = {
  name: 'prometheus',
  packages: ['prometheus'],
  // The programs need the C library only; the rest is for its web page.
  withWhatLacks: false,
  about: '20 MB',
} as const;

/** Path of promtool: PROMTOOL_BIN, the machine's own, or Debian's, unpacked into the cache. Throws with the reason when there is none to be had. */
export const findPromtool = (): Promise<string> => findProgram('promtool', 'PROMTOOL_BIN');

/** Path of a Prometheus server: PROMETHEUS_BIN, the machine's own, or Debian's, unpacked into the cache. Throws with the reason when there is none to be had. */
export const findPrometheus = (): Promise<string> => findProgram('prometheus', 'PROMETHEUS_BIN');

async function findProgram(program: string, variable: string): Promise<string> {
  const given = process.env[variable];
  if (given !== undefined && given !== '') return given;
  const folders = [...(process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''), '/usr/bin'];
  const own = folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
  if (own !== undefined) return own;
  const path = `usr/bin/${program}`;
  return join(await unpackedFromDebian({ ...PROMETHEUS, program: path, variable }), path);
}

/**
 * The folder in the cache with a tool's packages, downloaded with the machine's own apt and unpacked without installing. A broken-off download leaves
 * nothing, and of several that begin at once the first to end wins. Throws with the reason when the packages cannot be had.
 */
export async function unpackedFromDebian(tool: DebianTool): Promise<string> {
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'waybill', tool.name);
  const isThere = (): boolean => existsSync(join(cache, tool.program));
  if (isThere()) return cache;
  process.stderr.write(`${tool.name} is not on this machine: fetching Debian's package (about ${tool.about}) into the cache, once\n`);
  await mkdir(join(cache, '..'), { recursive: true });
  const staging = await mkdtemp(join(cache, '..', `${tool.name}-`));
  try {
    await unpackInto(staging, tool);
    if (!existsSync(join(staging, tool.program))) throw new Error(`the package holds no ${tool.program}`);
    // A folder that somebody broke is in the way of the new one; one that another run has just put there is used.
    if (!isThere()) await rm(cache, { recursive: true, force: true });
    await rename(staging, cache).catch((error: unknown) => {
      if (!isThere()) throw error;
    });
    return cache;
  } catch (error) {
    throw new Error(`there is no ${tool.name} here, and Debian's cannot be had: install one, or set ${tool.variable}. ${String(error)}`, {
      cause: error,
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** An index older than the mirror names packages that are gone: a fresh one is asked for, where that is allowed. */
async function unpackInto(folder: string, tool: DebianTool): Promise<void> {
  await download(folder, tool).catch(async () => {
    await run('apt-get', ['update', '-q'], { maxBuffer: MEBIBYTES_64 });
    await download(folder, tool);
  });
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.deb')) continue;
    await run('dpkg-deb', ['-x', name, folder], { cwd: folder });
    await rm(join(folder, name));
  }
}

async function download(folder: string, tool: DebianTool): Promise<void> {
  const names = tool.withWhatLacks ? await missingPackages(tool.packages) : tool.packages;
  await run('apt-get', ['download', '-q', ...names], { cwd: folder, maxBuffer: MEBIBYTES_64 });
}

const INSTALLS = /^Inst (\S+) /gm;

/** The packages that an installation would add, told by a simulation of it. */
async function missingPackages(packages: readonly string[]): Promise<string[]> {
  const { stdout } = await run('apt-get', ['install', '--simulate', '--no-install-recommends', '--no-upgrade', ...packages], {
    maxBuffer: MEBIBYTES_64,
  });
  const names = [...stdout.matchAll(INSTALLS)].flatMap(([, name]) => (name === undefined ? [] : [name]));
  const [wanted = ''] = packages;
  if (!names.includes(wanted)) throw new Error(`apt knows no package ${wanted}`);
  return names;
}
