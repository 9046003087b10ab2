import { GithubFake } from '@waybill/github-fake';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { GithubApp } from '../github-app.ts';
import { appOf } from '../testing/app-of-fake.ts';

const NAME = 'acme/web';
const place = (installationId: string, name = 'web') => ({ owner: 'acme', name, installationId });

describe('reading from GitHub', () => {
  let fake: GithubFake;
  let app: GithubApp;
  let installationId: string;
  let nowMs: number;

  const calls = (wanted: string): number[] => fake.ledger.calls.filter(({ route }) => route === wanted).map(({ status }) => status);
  const letPass = (ms: number): void => void (nowMs += ms);

  beforeAll(async () => {
    fake = await GithubFake.start({ tokenFormat: 'jwt' });
    installationId = fake.owner('acme').installationId;
    fake.repository(NAME, { defaultBranch: 'trunk', files: { 'dispatching.yml': 'outbound:\n' } });
  });
  afterAll(() => fake.close());
  beforeEach(() => {
    nowMs = Date.now();
    app = appOf(fake, {}, () => nowMs);
    fake.ledger.calls.length = 0;
  });
  afterEach(async () => {
    fake.faults.clear();
    await app.close();
  });

  describe('repositories', () => {
    it('finds one with its installation, whatever the case of its name', async () => {
      const { id } = fake.repository(NAME);
      const repository = { id, owner: 'acme', name: 'web', defaultBranch: 'trunk', archived: false, disabled: false, installationId };
      expect(await app.repository('ACME', 'Web')).toEqual({ kind: 'found', repository });
    });

    it('asks once for all who ask at once, and not again for a while; later the answer costs nothing when it is the same', async () => {
      await Promise.all([app.repository('acme', 'web'), app.repository('acme', 'WEB')]);
      letPass(14_999);
      await app.repository('acme', 'web');
      expect([calls('installation'), calls('token'), calls('repository')]).toEqual([[200], [201], [200]]);
      letPass(1);
      expect(await app.repository('acme', 'web')).toMatchObject({ kind: 'found', repository: { name: 'web' } });
      expect([calls('installation'), calls('token'), calls('repository')]).toEqual([[200], [201], [200, 304]]);
      letPass(45_000);
      await app.repository('acme', 'web');
      expect(calls('installation')).toEqual([200, 200]);
    });

    it('tells what was archived', async () => {
      fake.repository('acme/old', { archived: true });
      expect(await app.repository('acme', 'old')).toMatchObject({ kind: 'found', repository: { archived: true } });
    });

    it('tells what it cannot see, what sleeps and what moved', async () => {
      fake.owner('asleep', { suspended: true });
      fake.repository('asleep/web');
      fake.owner('none', { installed: false });
      fake.repository('none/web');
      fake.repository('acme/hidden', { installed: false });
      fake.repository('acme/blocked', { disabled: true });
      fake.repository('acme/a');
      fake.rename('acme/a', 'acme/b');
      const kinds = async (...names: string[]): Promise<string[]> => {
        const pairs = names.map((name) => name.split('/'));
        return Promise.all(pairs.map(async ([owner = '', name = '']) => (await app.repository(owner, name)).kind));
      };
      expect(await kinds('none/web', 'acme/hidden', 'acme/nothing', 'nobody/web')).toEqual(Array(4).fill('not_installed'));
      expect(await kinds('asleep/web', 'acme/blocked', 'acme/a', 'acme/b')).toEqual(['suspended', 'suspended', 'moved', 'found']);
    });

    it('does not ask about what can be no repository', async () => {
      expect(await app.repository('..', 'web')).toEqual({ kind: 'not_installed' });
      expect(await app.repository('acme', 'a/b')).toEqual({ kind: 'not_installed' });
      expect(fake.ledger.calls).toEqual([]);
    });

    it('looks again when the installation that it knew is gone', async () => {
      fake.owner('gone');
      fake.repository('gone/web');
      expect(await app.repository('gone', 'web')).toMatchObject({ kind: 'found' });
      fake.owner('gone', { installed: false });
      letPass(56 * 60_000);
      expect(await app.repository('gone', 'web')).toEqual({ kind: 'not_installed' });
    });
  });

  describe('dispatching.yml', () => {
    const read = (name?: string, andShadowed = true) => app.dispatchingFile(place(installationId, name), { andShadowed });

    it('reads the root, then the folder, and says when there are both', async () => {
      fake.repository('acme/files');
      expect(await read('files')).toEqual({ kind: 'missing' });
      fake.putFile('acme/files', '.github/dispatching.yml', 'ünter');
      letPass(15_000);
      expect(await read('files')).toEqual({
        kind: 'found',
        text: 'ünter',
        path: '.github/dispatching.yml',
        shadowed: false,
        sha: expect.any(String),
      });
      fake.putFile('acme/files', 'dispatching.yml', 'root');
      letPass(15_000);
      expect(await read('files')).toEqual({
        kind: 'found',
        text: 'root',
        path: 'dispatching.yml',
        shadowed: true,
        sha: expect.any(String),
      });
    });

    it('asks once for what is in the root when nobody wants to know what that shadows', async () => {
      fake.repository('acme/root', { files: { 'dispatching.yml': 'root', '.github/dispatching.yml': 'below' } });
      expect(await read('root', false)).toEqual({
        kind: 'found',
        text: 'root',
        path: 'dispatching.yml',
        shadowed: false,
        sha: expect.any(String),
      });
      expect(fake.ledger.calls.filter(({ route }) => route === 'contents')).toHaveLength(1);
      fake.removeFile('acme/root', 'dispatching.yml');
      letPass(15_000);
      expect(await read('root', false)).toEqual({
        kind: 'found',
        text: 'below',
        path: '.github/dispatching.yml',
        shadowed: false,
        sha: expect.any(String),
      });
    });

    it('asks no more often than it must, and for nothing that it has', async () => {
      await Promise.all([read(), read()]);
      expect(calls('contents').toSorted((left, right) => left - right)).toEqual([200, 404]);
      letPass(15_000);
      expect(await read()).toMatchObject({ text: 'outbound:\n' });
      expect(calls('contents').toSorted((left, right) => left - right)).toEqual([200, 304, 404, 404]);
      fake.putFile(NAME, 'dispatching.yml', 'inbound:\n');
      letPass(15_000);
      expect(await read()).toMatchObject({ text: 'inbound:\n' });
    });

    it('does not take a folder for a file', async () => {
      fake.repository('acme/folder', { files: { 'dispatching.yml/x': 'x' } });
      expect(await read('folder')).toEqual({ kind: 'missing' });
    });

    it.each([70_000, 2_000_000])('cuts a file of %i bytes just above what is allowed', async (size) => {
      fake.repository('acme/large', { files: { 'dispatching.yml': 'x'.repeat(size) } });
      const file = await read('large');
      expect(file.kind === 'found' && file.text.length).toBe(65_537);
      expect(file).toMatchObject(size > 1_000_000 ? { isWithheld: true } : { text: expect.stringMatching(/^x+$/) });
    });

    it('gets along with the right to these files only', async () => {
      const { installationId: id } = fake.owner('narrow', { permissions: { metadata: 'read', single_file: 'read' } });
      fake.repository('narrow/web', { files: { 'dispatching.yml': 'outbound:\n' } });
      const file = { owner: 'narrow', name: 'web', installationId: id };
      expect(await app.dispatchingFile(file)).toMatchObject({ kind: 'found' });
      letPass(15_000);
      await app.dispatchingFile(file);
      expect(calls('contents')).toContain(304);
      fake.owner('poor', { permissions: { metadata: 'read', actions: 'write' } });
      fake.repository('poor/web');
      const poor = { owner: 'poor', name: 'web', installationId: fake.owner('poor').installationId };
      await expect(app.dispatchingFile(poor)).rejects.toMatchObject({ name: 'GithubRefused', status: 422 });
    });

    it('is asked for again when the repository moved meanwhile', async () => {
      fake.repository('acme/before', { files: { 'dispatching.yml': 'outbound:\n' } });
      expect(await app.repository('acme', 'before')).toMatchObject({ kind: 'found' });
      fake.rename('acme/before', 'acme/after');
      await expect(read('before')).rejects.toMatchObject({ code: 'WB_GITHUB_AWAY' });
      expect(await app.repository('acme', 'before')).toEqual({ kind: 'moved' });
    });
  });

  describe('when GitHub is not well', () => {
    it.each([
      ['contents', '502-before'],
      ['contents', 'reset-before'],
      ['token', '502-before'],
      ['token', '401'],
      ['contents', '401'],
    ] as const)('says that it is away: %s %s', async (route, kind) => {
      fake.faults.add({ route, kind, times: 4 });
      await expect(app.dispatchingFile(place(installationId))).rejects.toMatchObject({ code: 'WB_GITHUB_AWAY' });
      fake.faults.clear();
      // Nothing of it is kept.
      expect(await app.dispatchingFile(place(installationId))).toMatchObject({ kind: 'found' });
    });

    it.each(['hang', 'slow-body'] as const)('does not wait for ever: %s', async (kind) => {
      const hasty = appOf(fake, { timeoutMs: 1000 });
      fake.faults.add({ route: 'repository', kind });
      await expect(hasty.repository('acme', 'web')).rejects.toMatchObject({ code: 'WB_GITHUB_AWAY' });
      await hasty.close();
    });

    it('shows a token that is not known everywhere yet once more, and replaces one that no longer counts', async () => {
      fake.faults.add({ route: 'repository', kind: '401' });
      expect(await app.repository('acme', 'web')).toMatchObject({ kind: 'found' });
      expect(calls('token')).toEqual([201]);
      fake.tokens.revokeAll();
      letPass(15_000);
      expect(await app.repository('acme', 'web')).toMatchObject({ kind: 'found' });
      expect(calls('token')).toEqual([201, 201]);
    });

    it('leaves a limited installation alone until it may ask again', async () => {
      fake.owner('beta');
      fake.repository('beta/web');
      fake.faults.add({ route: 'contents', kind: 'secondary-limit', retryAfterSeconds: 90 });
      const limited = { code: 'WB_GITHUB_LIMITED', extra: { retryAfterMs: 90_000 } };
      await expect(app.dispatchingFile(place(installationId))).rejects.toMatchObject(limited);
      letPass(60_000);
      const before = fake.ledger.calls.length;
      await expect(app.dispatchingFile(place(installationId, 'other'))).rejects.toMatchObject({ extra: { retryAfterMs: 30_000 } });
      expect(fake.ledger.calls).toHaveLength(before);
      expect(await app.repository('beta', 'web')).toMatchObject({ kind: 'found' });
      letPass(30_000);
      expect(await app.dispatchingFile(place(installationId))).toMatchObject({ kind: 'found' });
    });

    it('asks so much at once, and no more', async () => {
      const narrow = appOf(fake, { readsInFlight: 1, timeoutMs: 2000 });
      await narrow.repository('acme', 'web');
      fake.faults.add({ route: 'contents', kind: 'hang' });
      const first = narrow.dispatchingFile(place(installationId, 'one'));
      const second = narrow.dispatchingFile(place(installationId, 'two'));
      await expect(first).rejects.toMatchObject({ code: 'WB_GITHUB_AWAY' });
      expect(await second).toEqual({ kind: 'missing' });
      expect(calls('contents').filter((status) => status === 404)).toHaveLength(2);
      await narrow.close();
    });

    it('ends what is under way when it closes', async () => {
      fake.faults.add({ route: 'repository', kind: 'hang' });
      const other = appOf(fake);
      const asked = other.repository('acme', 'web').catch((error: unknown) => error);
      await expect.poll(() => calls('token'), { timeout: 30_000 }).toEqual([201]);
      await other.close();
      expect(await asked).toMatchObject({ code: 'WB_GITHUB_AWAY', message: 'lost: cut off' });
    });
  });
});
