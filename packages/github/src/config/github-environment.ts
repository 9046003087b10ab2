import type { DispatchPolicy } from '@waybill/dispatching';
import { flag, loadConfig, wholeNumber } from '@waybill/runtime';
import { z } from 'zod';
import type { GithubConfig } from './github-config.ts';
import { readPrivateKey } from './private-key.ts';

const CONCLUSION = /^(?:action_required|cancelled|failure|neutral|skipped|stale|success|timed_out|startup_failure)$/;
const OWNER = /^[a-z0-9](?:[a-z0-9-]{0,38}|[a-z0-9_-]{0,99})$/;
const REPOSITORY = /^[a-z0-9_-]{1,100}\/[a-z0-9_.-]{1,100}$/;
const WORKFLOW = /^[^/\s]{1,100}\.ya?ml$/;
const REGION = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;
const REF = /^[^\s~^:?*[\\]{1,255}$/;

const entries = (text: string): string[] =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');

type List = z.ZodType<ReadonlySet<string>, string>;
type ListOrAny = z.ZodType<ReadonlySet<string> | 'any', string>;

function fits(names: readonly string[], pattern: RegExp): boolean {
  return names.length > 0 && names.every((name) => pattern.test(name));
}

const listOf = (pattern: RegExp, example: string): List =>
  z
    .string()
    .transform(entries)
    .refine((names) => fits(names, pattern), `use names with commas between, as in ${example}`)
    .transform((names) => new Set(names));

const listOrAny = (pattern: RegExp, example: string): ListOrAny =>
  z
    .string()
    .toLowerCase()
    .transform(entries)
    .refine((names) => names.join('') === '*' || fits(names, pattern), `use names with commas between, as in ${example}; or *`)
    .transform((names) => (names.join('') === '*' ? 'any' : new Set(names)));

/** Compared in lower case. */
const repositories = z.string().toLowerCase().pipe(listOf(REPOSITORY, 'acme/web,acme/api'));

const number = (min: number, max: number): z.ZodType<number> => {
  const message = `use a whole number from ${min} to ${max.toString()}`;
  return wholeNumber.pipe(z.int().min(min, message).max(max, message));
};
const seconds = (min: number): z.ZodType<number> => number(min, 604_800).transform((value) => value * 1000);

const apiUrl = z
  .url({ protocol: /^https?$/, error: 'use an address such as https://api.github.com or https://HOST/api/v3' })
  .refine((text) => !/[@?#]/.test(text), 'leave out credentials, query and fragment')
  .transform((text) => text.replace(/\/+$/, ''));

const regions = z
  .string()
  .toLowerCase()
  .transform((text) => entries(text).map((entry) => entry.split('=').map((part) => part.trim())))
  .refine(
    (pairs) =>
      pairs.every(([repository = '', region = '', ...more]) => REPOSITORY.test(repository) && REGION.test(region) && more.length === 0),
    'use owner/name=region with commas between, as in acme/web=europe-west1',
  )
  .transform((pairs) => new Map(pairs.map(([repository = '', region = '']) => [repository, region])));

const missing = (what: string): { error: string } => ({
  error: `set it: ${what}; or unset GITHUB_APP_ID, GITHUB_APP_PRIVATE_KEY and GITHUB_WEBHOOK_SECRET`,
});

const schema = z.object({
  GITHUB_APP_ID: z.string(missing('the id or client id of the App')).regex(/^[A-Za-z0-9._-]{1,100}$/, 'use the id or client id of the App'),
  GITHUB_APP_PRIVATE_KEY: z.string(missing('the private key of the App')).transform((given, context) => {
    const pem = readPrivateKey(given);
    if (pem !== undefined) return pem;
    context.addIssue(String.raw`use an RSA key as PEM (\n for line ends is fine), base64 of a PEM, or file:PATH`);
    return z.NEVER;
  }),
  GITHUB_WEBHOOK_SECRET: z
    .string(missing('the webhook secret of the App'))
    .transform(entries)
    .refine((secrets) => secrets.length > 0, 'use one secret, or several with commas between, the newest first'),
  GITHUB_APP_SLUG: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,99}$/, 'use the name in the address of the App, as in my-app')
    .optional(),
  ALLOWED_OWNERS: z
    .string({ error: 'set it: owners with commas between, as in acme,beta; or *, which is for private Apps only' })
    .pipe(listOrAny(OWNER, 'acme,beta')),
  SOURCE_REPO_ALLOWLIST: repositories.optional(),
  TARGET_REPO_ALLOWLIST: repositories.optional(),
  SOURCE_WORKFLOW_ALLOWLIST: listOf(WORKFLOW, 'ci.yml,release.yml').optional(),
  ALLOWED_SOURCE_CONCLUSIONS: listOrAny(CONCLUSION, 'success,failure').default(new Set(['success'])),
  DEFAULT_DISPATCH_REF: z.string().regex(REF, 'use a branch or a tag').optional(),
  CREATE_ISSUES: flag.default(true),
  CREATE_CHECKS: flag.default(true),
  GITHUB_API_URL: apiUrl.default('https://api.github.com'),
  GITHUB_HOST: z
    .string()
    .toLowerCase()
    .regex(/^[a-z0-9.-]{1,253}(?::\d{1,5})?$/, 'use a host name, as in github.example.com')
    .optional(),
  GITHUB_API_VERSION: z
    .string()
    .regex(/^\d{4}-\d\d-\d\d$/, 'use a date, as in 2026-03-10; empty for none')
    .default('2026-03-10'),
  MAX_TARGETS_PER_RUN: number(1, 1000).default(25),
  MAX_CHAIN_DEPTH: number(0, 100).default(3),
  MAX_DISPATCHES_PER_EDGE: number(1, 100_000).default(30),
  GITHUB_MAX_INPUTS: number(0, 25).default(25),
  GITHUB_WRITES_PER_SECOND: number(1, 1000).default(1),
  GITHUB_READS_IN_FLIGHT: number(1, 100).default(10),
  GITHUB_TIMEOUT_MS: number(100, 120_000).default(10_000),
  GITHUB_FRESH_SECONDS: seconds(0).default(15_000),
  GITHUB_RECHECK_AFTER_SECONDS: seconds(0).default(60_000),
  GITHUB_RECONCILE_SECONDS: seconds(1).default(120_000),
  GITHUB_LIMITED_FOR_SECONDS: seconds(1).default(21_600_000),
  GITHUB_REPOSITORY_REGIONS: regions.default(new Map()),
});
type Read = z.output<typeof schema>;

function hostOf(url: string): string {
  const { host } = new URL(url);
  return host === 'api.github.com' ? 'github.com' : host;
}

const policyOf = (read: Read): DispatchPolicy => ({
  allowedOwners: read.ALLOWED_OWNERS,
  sourceRepositories: read.SOURCE_REPO_ALLOWLIST,
  targetRepositories: read.TARGET_REPO_ALLOWLIST,
  sourceWorkflows: read.SOURCE_WORKFLOW_ALLOWLIST,
  conclusions: read.ALLOWED_SOURCE_CONCLUSIONS,
  maxTargets: read.MAX_TARGETS_PER_RUN,
  maxChainDepth: read.MAX_CHAIN_DEPTH,
  edgeLimit: read.MAX_DISPATCHES_PER_EDGE,
  maxInputs: read.GITHUB_MAX_INPUTS,
  defaultRef: read.DEFAULT_DISPATCH_REF,
});

const CREDENTIALS = ['GITHUB_APP_ID', 'GITHUB_APP_PRIVATE_KEY', 'GITHUB_WEBHOOK_SECRET'] as const;

/**
 * Reads what the environment says about GitHub; undefined when the App's id, key and secret are all unset or empty: GitHub is off. Throws
 * WB_CONFIG_INVALID that names every variable that is wrong or lacks, and no value.
 */
export function githubConfigOf(env: NodeJS.ProcessEnv): GithubConfig | undefined {
  if (CREDENTIALS.every((name) => (env[name] ?? '') === '')) return undefined;
  const read = loadConfig(schema, env);
  return {
    appId: read.GITHUB_APP_ID,
    appSlug: read.GITHUB_APP_SLUG,
    privateKey: read.GITHUB_APP_PRIVATE_KEY,
    webhookSecrets: read.GITHUB_WEBHOOK_SECRET,
    apiUrl: read.GITHUB_API_URL,
    host: read.GITHUB_HOST ?? hostOf(read.GITHUB_API_URL),
    // Empty means none here, where an empty variable means "not set" elsewhere.
    apiVersion: env.GITHUB_API_VERSION === '' ? undefined : read.GITHUB_API_VERSION,
    policy: policyOf(read),
    createIssues: read.CREATE_ISSUES,
    createChecks: read.CREATE_CHECKS,
    writesPerSecond: read.GITHUB_WRITES_PER_SECOND,
    readsInFlight: read.GITHUB_READS_IN_FLIGHT,
    timeoutMs: read.GITHUB_TIMEOUT_MS,
    freshMs: read.GITHUB_FRESH_SECONDS,
    recheckAfterMs: read.GITHUB_RECHECK_AFTER_SECONDS,
    reconcileMs: read.GITHUB_RECONCILE_SECONDS,
    limitedForMs: read.GITHUB_LIMITED_FOR_SECONDS,
    repositoryRegions: read.GITHUB_REPOSITORY_REGIONS,
  };
}
