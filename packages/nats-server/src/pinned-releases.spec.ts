import { describe, expect, it } from 'vitest';
import { archiveName, pinnedArchives, PINNED_VERSION } from './pinned-releases.ts';
import { hostPlatform } from './platform.ts';
import { isRecentEnough, parseVersion } from './version.ts';

const common = ['linux-amd64', 'linux-arm64', 'darwin-amd64', 'darwin-arm64', 'windows-amd64'].map((label) => {
  const [os = '', arch = ''] = label.split('-');
  return { os, arch };
});

describe('pinned releases', () => {
  it.each(common)('has whole checksums of recent versions for $os-$arch', (platform) => {
    const archives = pinnedArchives(platform);
    expect(archives.length).toBeGreaterThan(0);
    for (const { version, sha256 } of archives) {
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(isRecentEnough(parseVersion(version) ?? expect.fail(version))).toBe(true);
    }
  });

  it('uses no checksum twice', () => {
    const all = common.flatMap(pinnedArchives).map(({ sha256 }) => sha256);
    expect(new Set(all).size).toBe(all.length);
  });

  it('offers the pinned version first on linux', () =>
    expect(pinnedArchives({ os: 'linux', arch: 'amd64' })[0]?.version).toBe(PINNED_VERSION));
  it('offers nothing for a platform without a checksum', () => expect(pinnedArchives({ os: 'freebsd', arch: 'amd64' })).toEqual([]));

  it('names archives as the project does', () => {
    expect(archiveName('2.15.1', hostPlatform('linux', 'x64'))).toBe('nats-server-v2.15.1-linux-amd64.tar.gz');
    expect(archiveName('2.15.1', hostPlatform('darwin', 'arm64'))).toBe('nats-server-v2.15.1-darwin-arm64.tar.gz');
    expect(archiveName('2.15.1', hostPlatform('win32', 'x64'))).toBe('nats-server-v2.15.1-windows-amd64.zip');
  });
});
