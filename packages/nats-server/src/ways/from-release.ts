import { join } from 'node:path';
import { adopt, inStaging } from '../cache.ts';
import { fetchFile, type FetchFileOutcome } from '../fetch-file.ts';
import { archiveName, archiveStem, PINNED_VERSION, pinnedArchives, RELEASES_URL, type PinnedArchive } from '../pinned-releases.ts';
import { executableName, platformLabel } from '../platform.ts';
import { runCommand } from '../run-command.ts';
import { missed, type Search, type Way, type WayResult } from '../search.ts';

const unpackMs = 60_000;

/** `NATS_SERVER_SHA256` names the pinned version's archive for this machine, and wins over the table. */
function wantedArchives({ env, platform }: Search): readonly PinnedArchive[] {
  const sha256 = env['NATS_SERVER_SHA256'];
  return sha256 ? [{ version: PINNED_VERSION, sha256: sha256.toLowerCase() }] : pinnedArchives(platform);
}

function archiveUrl({ env, platform }: Search, version: string): string {
  const base = env['NATS_SERVER_DOWNLOAD_BASE'] || `${RELEASES_URL}/download`;
  return `${base.replace(/\/+$/, '')}/v${version}/${archiveName(version, platform)}`;
}

function download(search: Search, url: string, target: string): Promise<FetchFileOutcome> {
  const { connectMs, stallMs, downloadMs: totalMs } = search.budgets;
  const onBytes = (doneBytes: number, totalBytes: number | undefined): void =>
    search.report(`downloading ${url}`, { doneBytes, ...(totalBytes === undefined ? {} : { totalBytes }) });
  return fetchFile(url, target, { connectMs, stallMs, totalMs, signal: search.signal, onBytes });
}

async function unpack(search: Search, archive: string, version: string, folder: string): Promise<WayResult> {
  const { env, signal, platform } = search;
  const outcome = await runCommand('tar', ['-xf', archive, '-C', folder], { env, signal, timeoutMs: unpackMs });
  if (outcome.kind === 'failed') return missed(`${archiveName(version, platform)} cannot be unpacked: ${outcome.reason}`);
  return adopt(search, join(folder, archiveStem(version, platform), executableName('nats-server', platform)));
}

/** Fetches, verifies, and only then unpacks. `isFinal` says that the other archives need not be tried. */
async function obtain(search: Search, wanted: PinnedArchive): Promise<{ result: WayResult; isFinal: boolean }> {
  const url = archiveUrl(search, wanted.version);
  search.report(`asking for ${url}`);
  let isFinal = false;
  const result = await inStaging(search, async (folder) => {
    const archive = join(folder, archiveName(wanted.version, search.platform));
    const outcome = await download(search, url, archive);
    isFinal = outcome.kind === 'unreachable';
    if (outcome.kind !== 'fetched') return missed(`${url}: ${outcome.reason}`);
    if (outcome.sha256 !== wanted.sha256) return missed(`${url}: SHA-256 is ${outcome.sha256}, pinned is ${wanted.sha256}`);
    return unpack(search, archive, wanted.version, folder);
  });
  return { result, isFinal: isFinal || result.kind === 'found' };
}

/** The official release archive, verified against a pinned SHA-256. Without a known checksum nothing is downloaded. */
export const fromRelease: Way = {
  name: 'release archive',
  find: async (search) => {
    const reasons: string[] = [];
    for (const wanted of wantedArchives(search)) {
      const { result, isFinal } = await obtain(search, wanted);
      if (result.kind === 'found') return result;
      reasons.push(result.reason);
      if (isFinal) break;
    }
    return missed(reasons.join('; ') || `no pinned checksum for ${platformLabel(search.platform)} (NATS_SERVER_SHA256 can give one)`);
  },
};
