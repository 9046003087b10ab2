import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { containing } from '../testing/matchers.ts';
import { cachedBinary } from '../cache.ts';
import { openSandbox, printsVersion, type Sandbox, script } from '../testing/sandbox.ts';
import { aptOptions, fromDebian, readAptSources } from './from-debian.ts';

const sources = 'Types: deb\nURIs: http://mirror.test/debian\nSuites: bookworm\nComponents: main\nSigned-By: /keys/debian.gpg\n';

/** A machine with Debian's tools, played by scripts that note their arguments; the package holds a server of this version. */
async function debianMachine(packed: string, update = 'exit 0'): Promise<Sandbox & { readonly notes: string }> {
  const sandbox = openSandbox();
  const notes = join(sandbox.aptDir, 'notes');
  await sandbox.withTools('mkdir', 'cat', 'chmod');
  mkdirSync(join(sandbox.aptDir, 'sources.list.d'));
  writeFileSync(join(sandbox.aptDir, 'sources.list.d', 'debian.sources'), sources);
  script(
    sandbox.bin,
    'apt-get',
    `case "$1" in update) cat sid.list > ${notes}; ${update} ;; download) : > nats-server_1_amd64.deb ;; esac`,
  );
  script(sandbox.bin, 'dpkg-deb', `mkdir -p "$3/usr/sbin"; echo '#!/bin/sh\n${printsVersion(packed)}' > "$3/usr/sbin/nats-server"`);
  return { ...sandbox, notes };
}

describe('the way of the Debian package', () => {
  it('unpacks the package into the cache', async () => {
    const { search, notes } = await debianMachine('2.15.1');
    expect(await fromDebian.find(search)).toEqual({ kind: 'found', binary: cachedBinary(search), version: '2.15.1' });
    expect(readdirSync(dirname(cachedBinary(search)))).toEqual(['nats-server']);
    expect(existsSync(notes)).toBe(true);
  });

  it("asks this machine's own mirror for sid, with its own keyring", async () => {
    const { search, bin, told } = await debianMachine('2.15.1', 'exit 100');
    script(bin, 'apt-get', 'cat sid.list >&2; exit 100');
    const result = await fromDebian.find(search);
    expect(result).toMatchObject({ reason: containing('deb [signed-by=/keys/debian.gpg] http://mirror.test/debian sid main') });
    expect(told).toEqual(['reading the package index of http://mirror.test/debian']);
  });

  it('passes on why the index could not be read', async () => {
    const { search } = await debianMachine('2.15.1', 'echo "E: The repository has no Release file." >&2; exit 100');
    expect(await fromDebian.find(search)).toEqual({
      kind: 'missed',
      reason: 'apt-get update ended with code 100: E: The repository has no Release file.',
    });
  });

  it('refuses a package that is too old', async () => {
    const { search } = await debianMachine('2.10.27');
    expect(await fromDebian.find(search)).toMatchObject({ kind: 'missed', reason: containing('is version 2.10.27') });
  });

  it('ends when its time is over', async () => {
    const { search } = await debianMachine('2.15.1', 'while :; do :; done');
    const result = await fromDebian.find({ ...search, budgets: { ...search.budgets, debianMs: 300 } });
    expect(result).toMatchObject({ kind: 'missed', reason: 'apt-get update took longer than 0.3 s' });
  });

  it('is passed over without the tools, or without a mirror', async () => {
    const { search, bin } = openSandbox();
    expect(await fromDebian.find(search)).toEqual({ kind: 'missed', reason: 'apt-get is not on PATH' });
    for (const tool of ['apt-get', 'dpkg-deb']) script(bin, tool, 'exit 1');
    expect(await fromDebian.find(search)).toEqual({ kind: 'missed', reason: `no mirror of the Debian archive in ${search.aptDir}` });
  });
});

describe("the machine's apt sources", () => {
  it('are read from both formats, and nothing else', async () => {
    const { aptDir } = openSandbox();
    mkdirSync(join(aptDir, 'sources.list.d'));
    writeFileSync(join(aptDir, 'sources.list'), 'deb http://one.test/debian bookworm main\n');
    writeFileSync(join(aptDir, 'sources.list.d', 'b.sources'), sources);
    writeFileSync(join(aptDir, 'sources.list.d', 'a.list'), 'deb http://two.test/debian bookworm main\n');
    writeFileSync(join(aptDir, 'sources.list.d', 'c.list.disabled'), 'deb http://three.test/debian bookworm main\n');
    expect((await readAptSources(aptDir)).flatMap(({ uris }) => uris)).toEqual([
      'http://one.test/debian',
      'http://two.test/debian',
      'http://mirror.test/debian',
    ]);
  });
});

describe("apt's options", () => {
  it('keep everything it writes inside the given folder', () => {
    const written = aptOptions('/staging').filter((option) => /^Dir::(State::lists|Cache|Etc::sourcelist)=/.test(option));
    expect(written).toHaveLength(3);
    for (const option of written) expect(option).toContain('=/staging/');
  });
});
