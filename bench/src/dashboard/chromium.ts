import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';

const run = promisify(execFile);
const KNOWN = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const CACHE = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'waybill', 'chromium');
const MEBIBYTES_64 = 67_108_864;

/** Where a Chromium is, and what it needs in its environment when it is not the machine's own. */
interface Found {
  readonly binary: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Opens a real Chromium: CHROMIUM_BIN, the machine's own, or Debian's package, unpacked into the cache. Throws with the reason when there is none to be had. */
export async function openChromium(): Promise<Browser> {
  const { binary, env } = await findChromium();
  // Not before somebody wants it: who imports this package mostly does not.
  const { chromium } = await import('playwright-core');
  return chromium.launch({
    executablePath: binary,
    // A test may run as root and in a container: there is no sandbox then, and little shared memory.
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
    env: { ...process.env, ...env },
  });
}

async function findChromium(): Promise<Found> {
  const given = process.env['CHROMIUM_BIN'];
  if (given !== undefined && given !== '') return { binary: given };
  const own = KNOWN.find((path) => existsSync(path));
  if (own !== undefined) return { binary: own };
  const cached = join(CACHE, 'usr/lib/chromium/chromium');
  if (!existsSync(cached)) await fetchFromDebian();
  return { binary: cached, env: await surroundingsIn(CACHE) };
}

/** Unpacks what Debian would install, of which only what this machine lacks is downloaded. Nothing is installed; a broken-off download leaves nothing. */
async function fetchFromDebian(): Promise<void> {
  process.stderr.write("Chromium is not on this machine: fetching Debian's package (about 150 MB) into the cache, once\n");
  await mkdir(join(CACHE, '..'), { recursive: true });
  const folder = await mkdtemp(join(CACHE, '..', 'chromium-'));
  try {
    const names = await missingPackages().catch(async () => {
      await run('apt-get', ['update', '-q'], { maxBuffer: MEBIBYTES_64 });
      return missingPackages();
    });
    await run('apt-get', ['download', '-q', ...names], { cwd: folder, maxBuffer: MEBIBYTES_64 });
    for (const name of await readdir(folder)) {
      if (!name.endsWith('.deb')) continue;
      await run('dpkg-deb', ['-x', name, folder], { cwd: folder });
      await rm(join(folder, name));
    }
    await rm(CACHE, { recursive: true, force: true });
    await rename(folder, CACHE);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw new Error(`there is no Chromium here, and Debian's cannot be had: install one, or set CHROMIUM_BIN. ${String(error)}`, {
      cause: error,
    });
  }
}

const INSTALLS = /^Inst (\S+) /gm;

/** The packages that an installation would add, told by a simulation of it. */
async function missingPackages(): Promise<string[]> {
  const { stdout } = await run(
    'apt-get',
    ['install', '--simulate', '--no-install-recommends', '--no-upgrade', 'chromium', 'fonts-dejavu-core'],
    {
      maxBuffer: MEBIBYTES_64,
    },
  );
  const names = [...stdout.matchAll(INSTALLS)].flatMap(([, name]) => (name === undefined ? [] : [name]));
  if (!names.includes('chromium')) throw new Error('apt knows no package chromium');
  return names;
}

/** Its libraries, and a font for machines that have none. */
async function surroundingsIn(root: string): Promise<Record<string, string>> {
  const folders = await readdir(join(root, 'usr/lib'));
  const triplet = folders.find((name) => name.includes('-linux-')) ?? '.';
  const libraries = [join(root, 'usr/lib', triplet), join(root, 'usr/lib/chromium'), join(root, 'lib', triplet)];
  return { LD_LIBRARY_PATH: libraries.join(':'), XDG_DATA_HOME: join(root, 'usr/share') };
}
