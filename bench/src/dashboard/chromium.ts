import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { unpackedFromDebian } from '@waybill/testkit';
import type { Browser } from 'playwright-core';

const KNOWN = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

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

const PROGRAM = 'usr/lib/chromium/chromium';

async function findChromium(): Promise<Found> {
  const given = process.env['CHROMIUM_BIN'];
  if (given !== undefined && given !== '') return { binary: given };
  const own = KNOWN.find((path) => existsSync(path));
  if (own !== undefined) return { binary: own };
  const root = await unpackedFromDebian({
    name: 'chromium',
    packages: ['chromium', 'fonts-dejavu-core'],
    program: PROGRAM,
    withWhatLacks: true,
    about: '150 MB',
    variable: 'CHROMIUM_BIN',
  });
  return { binary: join(root, PROGRAM), env: await surroundingsIn(root) };
}

/** Its libraries, and a font for machines that have none. */
async function surroundingsIn(root: string): Promise<Record<string, string>> {
  const folders = await readdir(join(root, 'usr/lib'));
  const triplet = folders.find((name) => name.includes('-linux-')) ?? '.';
  const libraries = [join(root, 'usr/lib', triplet), join(root, 'usr/lib/chromium'), join(root, 'lib', triplet)];
  return { LD_LIBRARY_PATH: libraries.join(':'), XDG_DATA_HOME: join(root, 'usr/share') };
}
