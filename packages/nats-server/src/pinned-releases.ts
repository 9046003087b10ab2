import { platformLabel, type Platform } from './platform.ts';

/** The version that is fetched first. */
export const PINNED_VERSION = '2.15.1';

/** Where the project publishes its releases. */
export const RELEASES_URL = 'https://github.com/nats-io/nats-server/releases';

/** One release archive that may be downloaded: only with the SHA-256 of its bytes known beforehand. */
export interface PinnedArchive {
  readonly version: string;
  readonly sha256: string;
}

/**
 * SHA-256 of official release archives, newest version first. Only sums found in public sources, none computed here:
 * - 2.15.1 linux: one public build script that checks the archives of the release page against them. A single origin;
 *   were one wrong, its archive would be refused and the next version tried.
 * - 2.15.0 linux and windows-amd64: the Dockerfiles in nats-io/nats-docker, folder 2.15.x, commit 6299853 (the maintainers' own).
 * - 2.15.0 darwin: three unrelated public projects that quote the release's SHA256SUMS; their linux sums equal the maintainers'.
 */
const sums: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '2.15.1': {
    'linux-amd64': 'bf5edc7b1ce98e885c368cb43a886eb148dc5d0551d99f3cf6141fb5e1954c70',
    'linux-arm64': 'e2fbab4cad7d3c76e3052eb959570393c9d73ba756b70bf8e9eea61e9ae6d49c',
  },
  '2.15.0': {
    'linux-amd64': '5d2c51caca950333aba84911df7d377f826f3a59ec36061c6539105084f65c92',
    'linux-arm64': 'cdc208f5a3f42963a52b6ab06ef65626bb870315dc936e26ba571780c6351112',
    'darwin-amd64': '5bd8b59ca5bf93fab3da2c5843cf564cd6e2e291e22ae3b861746e7ebe259b95',
    'darwin-arm64': 'e1c4e22d70bd44abfa0bcb3c16f7cf0c66f648c2e728c58924e8a1ce88913cc8',
    'windows-amd64': '2d0861dc2ca3567d17f7d19611d7b346cc2ccbd7086a0a77cc957a2c71663200',
  },
};

/** The archives that may be downloaded for a platform, best first; empty when no checksum is known. */
export function pinnedArchives(platform: Platform): readonly PinnedArchive[] {
  const label = platformLabel(platform);
  return Object.entries(sums).flatMap(([version, table]) => {
    const sha256 = table[label];
    return sha256 === undefined ? [] : [{ version, sha256 }];
  });
}

/** `nats-server-v2.15.1-linux-amd64`: the archive's name without its ending, and the folder inside it. */
export const archiveStem = (version: string, platform: Platform): string => `nats-server-v${version}-${platformLabel(platform)}`;

/** The archive's file name: a zip on Windows, whose own tar reads it; a tar.gz elsewhere. */
export const archiveName = (version: string, platform: Platform): string =>
  `${archiveStem(version, platform)}${platform.os === 'windows' ? '.zip' : '.tar.gz'}`;
