import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { githubConfigOf } from './github-environment.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString().trim();
const folder = mkdtempSync(join(tmpdir(), 'waybill-key-'));
const least = { GITHUB_APP_ID: '7', GITHUB_APP_PRIVATE_KEY: pem, GITHUB_WEBHOOK_SECRET: 's1', ALLOWED_OWNERS: 'acme' };

describe('what the environment says about GitHub', () => {
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is nothing without the credentials, whatever else is set', () => {
    expect(githubConfigOf({})).toBeUndefined();
    expect(githubConfigOf({ GITHUB_APP_ID: '', CREATE_ISSUES: 'maybe', ALLOWED_OWNERS: 'acme' })).toBeUndefined();
  });

  it('has defaults for everything but the App and the owners', () => {
    expect(githubConfigOf(least)).toEqual({
      appId: '7',
      appSlug: undefined,
      privateKey: pem,
      webhookSecrets: ['s1'],
      apiUrl: 'https://api.github.com',
      host: 'github.com',
      apiVersion: '2026-03-10',
      policy: {
        allowedOwners: new Set(['acme']),
        sourceRepositories: undefined,
        targetRepositories: undefined,
        sourceWorkflows: undefined,
        conclusions: new Set(['success']),
        maxTargets: 25,
        maxChainDepth: 3,
        edgeLimit: 30,
        maxInputs: 25,
        defaultRef: undefined,
      },
      createIssues: true,
      createChecks: true,
      writesPerSecond: 1,
      readsInFlight: 10,
      timeoutMs: 10_000,
      freshMs: 15_000,
      recheckAfterMs: 60_000,
      reconcileMs: 120_000,
      limitedForMs: 21_600_000,
      repositoryRegions: new Map(),
    });
  });

  it('reads every variable', () => {
    const read = githubConfigOf({
      ...least,
      GITHUB_APP_ID: 'Iv23liABC',
      GITHUB_APP_SLUG: 'my-waybill',
      GITHUB_WEBHOOK_SECRET: 'new, old',
      ALLOWED_OWNERS: 'Acme, beta_corp',
      SOURCE_REPO_ALLOWLIST: 'Acme/Web',
      TARGET_REPO_ALLOWLIST: 'acme/api,acme/.github',
      SOURCE_WORKFLOW_ALLOWLIST: 'CI.yml',
      ALLOWED_SOURCE_CONCLUSIONS: '*',
      DEFAULT_DISPATCH_REF: 'release/1',
      GITHUB_API_URL: 'https://ghe.example.com/api/v3/',
      GITHUB_API_VERSION: '',
      GITHUB_MAX_INPUTS: '10',
      GITHUB_FRESH_SECONDS: '0',
      GITHUB_REPOSITORY_REGIONS: 'Acme/Web=europe-west1, acme/api=us-central1',
    });
    expect(read).toMatchObject({
      appId: 'Iv23liABC',
      appSlug: 'my-waybill',
      webhookSecrets: ['new', 'old'],
      apiUrl: 'https://ghe.example.com/api/v3',
      host: 'ghe.example.com',
      apiVersion: undefined,
      freshMs: 0,
      policy: {
        allowedOwners: new Set(['acme', 'beta_corp']),
        sourceRepositories: new Set(['acme/web']),
        targetRepositories: new Set(['acme/api', 'acme/.github']),
        sourceWorkflows: new Set(['CI.yml']),
        conclusions: 'any',
        defaultRef: 'release/1',
        maxInputs: 10,
      },
    });
    expect([...(read?.repositoryRegions ?? [])]).toEqual([
      ['acme/web', 'europe-west1'],
      ['acme/api', 'us-central1'],
    ]);
    expect(githubConfigOf({ ...least, ALLOWED_OWNERS: ' * ' })?.policy.allowedOwners).toBe('any');
    expect(githubConfigOf({ ...least, GITHUB_HOST: 'GitHub.example.com' })?.host).toBe('github.example.com');
  });

  it.each(['false', 'FALSE', '0', 'no', 'No', 'off'])('takes %s for false', (text) => {
    expect(githubConfigOf({ ...least, CREATE_ISSUES: text, CREATE_CHECKS: text })).toMatchObject({
      createIssues: false,
      createChecks: false,
    });
  });

  it.each(['true', 'TRUE', '1', 'yes', 'on', ''])('takes "%s" for true', (text) => {
    expect(githubConfigOf({ ...least, CREATE_ISSUES: text, CREATE_CHECKS: text })).toMatchObject({
      createIssues: true,
      createChecks: true,
    });
  });

  it('takes the key as PEM of either kind, with escaped line ends, in base64, or from a file', () => {
    const keyOf = (given: string): string | undefined => githubConfigOf({ ...least, GITHUB_APP_PRIVATE_KEY: given })?.privateKey;
    const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().trim();
    const path = join(folder, 'key.pem');
    writeFileSync(path, `${pem}\n`);
    expect(keyOf(pkcs8)).toBe(pkcs8);
    expect(keyOf(pem.replaceAll('\n', String.raw`\n`))).toBe(pem);
    expect(keyOf(Buffer.from(pem).toString('base64'))).toBe(pem);
    expect(keyOf(`file:${path}`)).toBe(pem);
  });

  it.each([
    ['GITHUB_APP_ID', 'my app'],
    ['GITHUB_APP_SLUG', 'My App'],
    ['GITHUB_APP_PRIVATE_KEY', 'file:/does/not/exist'],
    ['GITHUB_APP_PRIVATE_KEY', pem.slice(0, 200)],
    ['GITHUB_APP_PRIVATE_KEY', generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
    ['GITHUB_WEBHOOK_SECRET', ' , '],
    ['ALLOWED_OWNERS', ''],
    ['ALLOWED_OWNERS', 'acme/web'],
    ['ALLOWED_OWNERS', 'acme,*'],
    ['SOURCE_REPO_ALLOWLIST', 'web'],
    ['TARGET_REPO_ALLOWLIST', 'acme/*'],
    ['SOURCE_WORKFLOW_ALLOWLIST', '.github/workflows/ci.yml'],
    ['ALLOWED_SOURCE_CONCLUSIONS', 'succes'],
    ['DEFAULT_DISPATCH_REF', 'a b'],
    ['CREATE_ISSUES', 'maybe'],
    ['CREATE_CHECKS', '2'],
    ['GITHUB_API_URL', 'ftp://api.github.com'],
    ['GITHUB_API_URL', 'https://me:word@api.github.com'],
    ['GITHUB_API_VERSION', 'latest'],
    ['GITHUB_HOST', 'https://github.com'],
    ['MAX_TARGETS_PER_RUN', '0'],
    ['MAX_CHAIN_DEPTH', '-1'],
    ['MAX_DISPATCHES_PER_EDGE', 'many'],
    ['GITHUB_MAX_INPUTS', '26'],
    ['GITHUB_WRITES_PER_SECOND', '0'],
    ['GITHUB_READS_IN_FLIGHT', '1.5'],
    ['GITHUB_TIMEOUT_MS', '5'],
    ['GITHUB_FRESH_SECONDS', '-1'],
    ['GITHUB_RECHECK_AFTER_SECONDS', '1e99'],
    ['GITHUB_RECONCILE_SECONDS', '0'],
    ['GITHUB_LIMITED_FOR_SECONDS', '0'],
    ['GITHUB_REPOSITORY_REGIONS', 'acme/web'],
  ])('refuses a %s that is wrong, by name and without its value', (name, value) => {
    const read = (): unknown => githubConfigOf({ ...least, [name]: value });
    expect(read).toThrow(expect.objectContaining({ code: 'WB_CONFIG_INVALID', message: expect.stringMatching(new RegExp(`^${name}: `)) }));
    if (name.endsWith('KEY')) expect(read).not.toThrow(value.slice(0, 40));
  });

  it('names all that is wrong at once, and what lacks', () => {
    const read = (): unknown => githubConfigOf({ GITHUB_WEBHOOK_SECRET: 'hunter2', CREATE_ISSUES: 'maybe', MAX_CHAIN_DEPTH: 'x' });
    expect(read).toThrow(/GITHUB_APP_ID: set it.*GITHUB_APP_PRIVATE_KEY: set it.*ALLOWED_OWNERS: set it.*CREATE_ISSUES.*MAX_CHAIN_DEPTH/);
    expect(read).not.toThrow(/hunter2/);
  });
});
