import { expect, it } from 'vitest';
import { matching } from '../testing/matchers.ts';
import { debianMirrors } from '../apt-sources.ts';
import { executablesOnPath } from '../executable-on-path.ts';
import { findNatsServer } from '../find.ts';
import { hostPlatform } from '../platform.ts';
import { temporaryFolder } from '../testing/sandbox.ts';
import { fromDebian, readAptSources } from './from-debian.ts';

/** Why the real thing cannot be tried on this machine; undefined when it can. */
async function obstacle(): Promise<string | undefined> {
  const tools = await executablesOnPath('apt-get', { env: process.env, platform: hostPlatform() });
  if (tools.length === 0) return 'no apt-get on this machine';
  const [mirror] = debianMirrors(await readAptSources('/etc/apt'));
  if (mirror === undefined) return 'no Debian mirror in the apt sources of this machine';
  if (!mirror.uri.startsWith('http')) return undefined;
  const reached = await fetch(`${mirror.uri.replace(/\/$/, '')}/dists/sid/InRelease`, {
    method: 'HEAD',
    signal: AbortSignal.timeout(5_000),
  }).catch(() => undefined);
  return reached?.ok === true ? undefined : 'the Debian mirror of this machine cannot be reached';
}

it('fetches a real server from the mirror of this machine', { timeout: 120_000 }, async (ctx) => {
  const reason = await obstacle();
  if (reason !== undefined) return ctx.skip(reason);
  const found = await findNatsServer({ ways: [fromDebian], cacheDir: temporaryFolder() });
  expect(found).toMatchObject({ way: 'Debian package', version: matching(/^\d+\.\d+\.\d+/) });
});
