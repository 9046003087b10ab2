import { renameSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { AuditReport, Get } from '@waybill/audit';
import { keyTtlMs } from '../audit/key-ttl.ts';
import { summaryOf } from '../audit/summary.ts';
import { Api, isUp, runningStack } from '../client/api.ts';
import { pointInTime } from '../terminal/point-in-time.ts';
import { print, tell } from '../terminal/print.ts';
import { installationHere, type WhichServers } from './installation-here.ts';
import { dataOption } from './options.ts';

interface AuditCommandOptions extends WhichServers {
  readonly from?: string;
  readonly to?: string;
  readonly settled?: boolean;
  readonly report?: string;
  readonly reads: boolean;
  readonly api?: readonly string[];
}

/** Exit codes: 0 clean, and these. */
const EXIT = { violations: 1, couldNotRun: 2 } as const;

/** `waybill audit`: proves from the logs that everything accepted came to exactly one end per target. */
export function auditCommand(program: Command): void {
  program
    .command('audit')
    .description('prove from the logs that every accepted event came to one end per target; exit code 1 when not, 2 when it could not run')
    .addOption(dataOption())
    .option('--deployment <file>', 'JSON file that describes all NATS servers: audits these instead of a local stack')
    .option('--from <time>', 'events accepted from then on: 2026-11-20, 2026-11-20T10:00Z, or 24h for a day ago (default: all in the logs)')
    .option('--to <time>', 'and before then')
    .option('--settled', 'everything must have come to its end: what is under way counts as a violation')
    .option('--report <file>', 'write all findings as JSON')
    .option('--no-reads', 'do not compare the read models with the logs')
    .option('--api <region=url...>', 'where to ask for the read models of a deployment, with MANAGEMENT_API_KEY')
    // What cannot be understood says nothing about the logs.
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT.couldNotRun))
    .action(async (options: AuditCommandOptions) => {
      try {
        const report = await auditHere(options);
        if (options.report !== undefined) writeReport(options.report, report);
        for (const line of summaryOf(report)) print(line);
        if (!report.clean) process.exitCode = EXIT.violations;
      } catch (error) {
        process.exitCode = EXIT.couldNotRun;
        throw error;
      }
    });
}

async function auditHere(options: AuditCommandOptions): Promise<AuditReport> {
  const nowMs = Date.now();
  const timeOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : pointInTime(text, nowMs));
  const range = { fromMs: timeOf(options.from), toMs: timeOf(options.to) };
  if (range.fromMs !== undefined && range.toMs !== undefined && range.toMs <= range.fromMs)
    throw new Error('--to must be later than --from');
  const reads = options.reads ? readsOf(options) : undefined;
  const ttlMs = keyTtlMs(process.env);
  const installation = await installationHere(options);
  if (installation === undefined) throw new Error('name the servers with --deployment, or start the local stack first');
  const regions = installation.deployment.regions.map(({ id }) => id);
  const unknown = [...(reads?.keys() ?? [])].find((id) => !regions.includes(id));
  if (unknown !== undefined) throw new Error(`--api: there is no region "${unknown}", only ${regions.join(', ')}`);
  const { audit } = await import('@waybill/audit');
  const { withOperators } = await import('../audit/operators.ts');
  const onProgress = quietly(tell);
  return withOperators(installation, async (audited) => {
    const { report } = await audit({
      ...range,
      regions: audited,
      settled: options.settled,
      keyTtlMs: ttlMs,
      reads,
      onProgress,
      nowMs: Date.now,
    });
    return report;
  });
}

const API = /^([a-z0-9-]+)=(https?:\/\/.+)$/;

function getOf(url: string, key: string): Get {
  const api = new Api(url, key);
  return (path) => api.get(path);
}

/** The APIs of a local stack's regions that are up, or those that were named. */
function readsOf({ data, deployment, api = [] }: AuditCommandOptions): ReadonlyMap<string, Get> {
  if (deployment === undefined) {
    const { regions, adminKey } = runningStack(data);
    return new Map(regions.filter(isUp).map(({ id, url }) => [id, getOf(url, adminKey)]));
  }
  const key = process.env['MANAGEMENT_API_KEY'] ?? '';
  return new Map(
    api.map((text) => {
      const [, region, url] = API.exec(text) ?? [];
      if (region === undefined || url === undefined)
        throw new Error(`--api ${text}: write region=url, as us-central1=https://events.example.com`);
      return [region, getOf(url, key)];
    }),
  );
}

const SAY_EVERY_MS = 2_000;

/** Progress comes after each chunk; a line every two seconds will do. */
function quietly(say: (line: string) => void): (line: string) => void {
  let saidMs = 0;
  return (line) => {
    if (performance.now() - saidMs < SAY_EVERY_MS) return;
    saidMs = performance.now();
    say(line);
  };
}

/** As a whole, or not at all. */
function writeReport(path: string, report: AuditReport): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(report, null, 2)}\n`);
  renameSync(draft, path);
}
