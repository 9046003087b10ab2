import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AptSource, debianMirrors, type DebianMirror, parseDeb822Sources, parseOneLineSources } from '../apt-sources.ts';
import { adopt, inStaging } from '../cache.ts';
import { executablesOnPath } from '../executable-on-path.ts';
import { type CommandOutcome, runCommand } from '../run-command.ts';
import { missed, type Search, type Way, type WayResult } from '../search.ts';

/** Debian releases carry servers that are too old; sid carries a current one that runs on them (it needs glibc 2.34). */
const suite = 'sid';
const contentOf = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');

/** All package sources of the machine, in apt's own order: `sources.list` first, then its folder by name. */
export async function readAptSources(aptDir: string): Promise<AptSource[]> {
  const partsDir = join(aptDir, 'sources.list.d');
  const names = (await readdir(partsDir).catch((): string[] => [])).toSorted((left, right) => (left < right ? -1 : 1));
  const sources = parseOneLineSources(await contentOf(join(aptDir, 'sources.list')));
  for (const name of names) {
    if (name.endsWith('.list')) sources.push(...parseOneLineSources(await contentOf(join(partsDir, name))));
    if (name.endsWith('.sources')) sources.push(...parseDeb822Sources(await contentOf(join(partsDir, name))));
  }
  return sources;
}

/** Makes apt work in `folder` alone: own lists, own cache, own source. Nothing of the system is written, so no root is needed. */
export function aptOptions(folder: string): string[] {
  const settings = {
    'Dir::Etc::sourcelist': join(folder, 'sid.list'),
    'Dir::Etc::sourceparts': '-',
    'Dir::Etc::preferences': '/dev/null',
    'Dir::Etc::preferencesparts': '/dev/null',
    'Dir::State::lists': join(folder, 'lists'),
    'Dir::Cache': join(folder, 'cache'),
    'Debug::NoLocking': 'true',
    // Otherwise apt, run by root, becomes the user _apt, who may not write here, and says so at length.
    'APT::Sandbox::User': 'root',
    // Without this an index that cannot be had is only a warning, and the reason would be lost.
    'APT::Update::Error-Mode': 'any',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '0',
    'Acquire::http::Timeout': '10',
    'Acquire::https::Timeout': '10',
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}

async function prepare(folder: string, { uri, signedBy }: DebianMirror): Promise<void> {
  const option = signedBy === undefined ? '' : `[signed-by=${signedBy}] `;
  await writeFile(join(folder, 'sid.list'), `deb ${option}${uri} ${suite} main\n`);
  for (const name of ['lists/partial', 'cache/archives/partial', 'unpacked']) await mkdir(join(folder, name), { recursive: true });
}

/** Runs commands that share one budget: the later ones get what the earlier ones left. */
function runner(search: Search, cwd: string): (file: string, args: readonly string[]) => Promise<CommandOutcome> {
  const deadline = performance.now() + search.budgets.debianMs;
  const env = { ...search.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
  return (file, args) =>
    runCommand(file, args, { env, cwd, signal: search.signal, timeoutMs: Math.max(1, Math.ceil(deadline - performance.now())) });
}

async function fetchPackage(search: Search, folder: string, mirror: DebianMirror): Promise<WayResult> {
  await prepare(folder, mirror);
  const run = runner(search, folder);
  search.report(`reading the package index of ${mirror.uri}`);
  const updated = await run('apt-get', ['update', '-q', ...aptOptions(folder)]);
  if (updated.kind === 'failed') return missed(updated.reason);
  search.report('downloading the package nats-server');
  const downloaded = await run('apt-get', ['download', '-q', ...aptOptions(folder), 'nats-server']);
  if (downloaded.kind === 'failed') return missed(downloaded.reason);
  const archive = (await readdir(folder)).find((name) => name.endsWith('.deb'));
  if (archive === undefined) return missed('apt-get download left no package');
  const unpacked = await run('dpkg-deb', ['-x', archive, 'unpacked']);
  if (unpacked.kind === 'failed') return missed(unpacked.reason);
  return adopt(search, join(folder, 'unpacked', 'usr', 'sbin', 'nats-server'));
}

/** Debian's package, from the mirror this machine already uses, unpacked into the cache and never installed. */
export const fromDebian: Way = {
  name: 'Debian package',
  find: async (search) => {
    for (const tool of ['apt-get', 'dpkg-deb']) {
      if ((await executablesOnPath(tool, search)).length === 0) return missed(`${tool} is not on PATH`);
    }
    const mirror = debianMirrors(await readAptSources(search.aptDir))[0];
    if (mirror === undefined) return missed(`no mirror of the Debian archive in ${search.aptDir}`);
    return inStaging(search, (folder) => fetchPackage(search, folder, mirror));
  },
};
