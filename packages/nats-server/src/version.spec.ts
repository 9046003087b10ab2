import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { containing } from './testing/matchers.ts';
import { fakeServer, openSandbox, script } from './testing/sandbox.ts';
import { checkBinary, isRecentEnough, parseVersion } from './version.ts';

const recent = (text: string): boolean => {
  const version = parseVersion(text);
  if (version === undefined) throw new Error(`no version in ${text}`);
  return isRecentEnough(version, '2.15.0');
};

describe('the version of a nats-server', () => {
  it.each([
    ['nats-server: v2.15.1', '2.15.1'],
    ['nats-server: v2.15.0-RC.2\n', '2.15.0-RC.2'],
    ['warning: something\nnats-server: v2.16.0-dev', '2.16.0-dev'],
  ])('is read from %j', (output, text) => expect(parseVersion(output)?.text).toBe(text));

  it('is not made up where there is none', () => expect(parseVersion('command not found')).toBeUndefined());

  it.each(['2.15.0', '2.15.1', '2.16.0', '3.0.0', '2.100.0', '2.16.0-dev'])('accepts %s', (text) => expect(recent(text)).toBe(true));
  it.each(['2.14.9', '2.9.10', '1.99.99', '2.15.0-RC.2'])('refuses %s', (text) => expect(recent(text)).toBe(false));
});

describe('checking a binary', () => {
  it('accepts one that is new enough', async () => {
    const { bin, search } = openSandbox();
    expect(await checkBinary(fakeServer(bin, '2.15.1'), search)).toEqual({ kind: 'usable', version: '2.15.1' });
  });

  it('names the version of one that is too old', async () => {
    const { bin, search } = openSandbox();
    const binary = fakeServer(bin, '2.10.27');
    expect(await checkBinary(binary, search)).toEqual({
      kind: 'unusable',
      reason: `${binary} is version 2.10.27; 2.15.0 or newer is needed`,
    });
  });

  it('says that a file is missing, not a file, or not executable', async () => {
    const { bin, search } = openSandbox();
    const [folder, plain] = [join(bin, 'folder'), fakeServer(bin, '2.15.1')];
    mkdirSync(folder);
    chmodSync(plain, 0o644);
    expect(await checkBinary(join(bin, 'nothing'), search)).toMatchObject({ reason: `${join(bin, 'nothing')} does not exist` });
    expect(await checkBinary(folder, search)).toMatchObject({ reason: `${folder} is not a file` });
    expect(await checkBinary(plain, search)).toMatchObject({ reason: `${plain} is not executable` });
  });

  it('passes on the last words of one that fails', async () => {
    const { bin, search } = openSandbox();
    const binary = script(bin, 'nats-server', 'echo "GLIBC_2.34 not found" >&2; exit 127');
    expect(await checkBinary(binary, search)).toMatchObject({ reason: containing('ended with code 127: GLIBC_2.34 not found') });
  });

  it('gives up on one that never answers', async () => {
    const { bin, search } = openSandbox();
    const binary = script(bin, 'nats-server', 'while :; do :; done');
    const check = await checkBinary(binary, { ...search, budgets: { ...search.budgets, versionCheckMs: 200 } });
    expect(check).toMatchObject({ kind: 'unusable', reason: `${binary} --version took longer than 0.2 s` });
  });
});
