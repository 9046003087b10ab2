import type { Command } from 'commander';
import type { Credential, KeysFound, MultiRegion, RegionConfig, RegionsFound } from '@waybill/regions';
import { print, table } from '../terminal/print.ts';
import { readInput } from '../terminal/read-input.ts';

/** `waybill regions lint`: says what a declaration of regions means, or everything that is wrong with it. Shows no secret. */
export function addRegionsLint(parent: Command): void {
  parent
    .command('lint')
    .description('check a declaration of regions and the flags about them; exit code 1 when something is wrong')
    .argument('[file]', 'YAML file, or - for stdin; without it REGIONS_CONFIG, or the single region of REGION_HOST')
    .option('--no-secrets', 'check only how keys are written: not whether their variables and files are there')
    .action(async (file: string | undefined, { secrets }: { secrets: boolean }) => {
      const found = await lint(file, secrets ? 'all' : 'none');
      for (const line of found.problems.length > 0 ? problemsOf(found) : await understood(found)) print(line);
      if (found.problems.length > 0) process.exitCode = 1;
    });
}

async function lint(file: string | undefined, keys: KeysFound): Promise<RegionsFound> {
  const { checkRegions } = await import('@waybill/regions');
  if (file === undefined) return checkRegions(process.env, 'REGIONS_CONFIG', keys);
  const written = await readInput(file);
  // An empty variable would count as not set, but an empty file is a mistake; null is what YAML takes it for.
  const env = { ...process.env, REGIONS_CONFIG: written.trim() === '' ? 'null' : written };
  return checkRegions(env, file === '-' ? 'stdin' : file, keys);
}

function problemsOf({ problems }: RegionsFound): string[] {
  return [...problems, '', problems.length === 1 ? '1 problem' : `${problems.length} problems`];
}

async function understood({ from, regions, multiRegion }: RegionsFound): Promise<string[]> {
  const { credentialOf } = await import('@waybill/regions');
  if (multiRegion === undefined) return [];
  if (from === 'nothing') return [`no region is declared: the embedded single region "${multiRegion.primaryRegion}"`];
  const heads = ['id', 'region', 'host', 'key', 'webhook_url', 'limits', 'spills at'];
  const rows = regions.map((config) => [
    config.id,
    config.region,
    config.host.replaceAll(/[^/,]*@/g, ''),
    keyInWords(config, credentialOf),
    addressOf(config.webhookUrl),
    limitsOf(config),
    spilloverOf(config),
  ]);
  return [...table([heads, ...rows]), '', ...flagsOf(multiRegion)];
}

/** Not even the user is shown: a token that holds a colon looks like one. */
function keyInWords(config: RegionConfig, credentialOf: (config: RegionConfig) => Credential): string {
  if (typeof config.key !== 'string') return config.key.reference;
  const { user, token } = credentialOf(config);
  if (user !== undefined) return 'user and password';
  return token === undefined ? 'none' : 'token';
}

/** Paths and queries of webhook addresses often are secrets. */
function addressOf(url: string | undefined): string {
  if (url === undefined) return '-';
  const { origin, pathname, search } = new URL(url);
  return `${origin}${pathname + search === '/' ? '' : '/...'}`;
}

function limitsOf(config: RegionConfig): string {
  const limits = [
    ['pull', config.pollIntervalMs, ' ms'],
    ['pulls retried', config.maxRetriesPerPoll, ''],
    ['delivery', config.requestTimeoutMs, ' ms'],
    ['rate', config.rateLimitPerSecond, '/s'],
  ] as const;
  const given = limits.filter(([, value]) => value !== undefined).map(([name, value, unit]) => `${name} ${value}${unit}`);
  return given.length === 0 ? '-' : given.join(', ');
}

const spilloverOf = ({ spillover: { queueDepth, concurrencyPercent, errorRate } }: RegionConfig): string =>
  `${queueDepth} waiting, ${concurrencyPercent} % busy, ${Number((errorRate * 100).toPrecision(6))} % errors`;

function flagsOf({ enabled, order, failoverEnabled, region, dispatcherRegions }: MultiRegion): string[] {
  return [
    `order: ${order.join(', ')}`,
    `several regions: ${enabled ? 'on' : 'off'}; automatic failover: ${failoverEnabled ? 'on' : 'off'}`,
    `this process: region ${region ?? 'not given'}; a dispatcher works for ${dispatcherRegions.join(', ')}`,
  ];
}
