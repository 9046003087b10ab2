import type { Command } from 'commander';
import { z } from 'zod';
import { apiOf } from '../client/api.ts';
import { print, table, tell } from '../terminal/print.ts';
import { dataOption } from './options.ts';

const answerSchema = z.looseObject({
  steps: z.array(z.object({ step: z.string(), ok: z.boolean(), detail: z.string().nullish() })).default([]),
  moves: z.array(z.object({ tenantId: z.string(), to: z.string() })).default([]),
  stays: z.array(z.object({ tenantId: z.string(), because: z.string() })).default([]),
});

interface FailoverOptions {
  readonly data: string;
  readonly to?: string;
  readonly reason: string;
  readonly dryRun?: boolean;
  readonly force?: boolean;
}

/** `waybill failover`: hands a region's work to another one. */
export function failoverCommand(program: Command): void {
  program
    .command('failover')
    .description('drain a region, verify, hand its work over, verify again; with --force for a region that is down or cut off')
    .argument('<region>', 'the region whose work is handed over')
    .addOption(dataOption())
    .option('--to <region>', 'who stands in; default: as each tenant says, else by priority')
    .requiredOption('--reason <text>', 'why; it is written down')
    .option('--dry-run', 'only list the tenants and where they would go')
    .option('--force', 'the region is known to be down or cut off: do not wait for it')
    .action((region: string, options: FailoverOptions) => failover(region, options));
}

/** `waybill drain` and `waybill activate`. */
export function drainCommand(program: Command): void {
  for (const [name, description] of [
    ['drain', 'let a region finish what it has, and route new work elsewhere'],
    ['activate', 'give a drained or failed region its work back, in steps'],
  ] as const) {
    program
      .command(name)
      .description(description)
      .argument('<region>')
      .addOption(dataOption())
      .requiredOption('--reason <text>', 'why; it is written down')
      .option('--force', 'activate: do not wait until the others have handed back')
      .action(async (region: string, options: { data: string; reason: string; force?: boolean }) => {
        const body = { reason: options.reason, ...(options.force === true ? { force: true } : {}) };
        const path = `/admin/regions/${encodeURIComponent(region)}/${name}`;
        await apiOf(options.data, process.env).request('POST', path, body);
        tell(`${name} of ${region} has begun; watch it with "npx waybill regions"`);
      });
  }
}

async function failover(region: string, { data, to, reason, dryRun, force }: FailoverOptions): Promise<void> {
  const body = {
    reason,
    ...(to === undefined ? {} : { to }),
    ...(dryRun === true ? { dryRun } : {}),
    ...(force === true ? { force } : {}),
  };
  if (dryRun !== true) tell(`failing over ${region}; draining may take a minute …`);
  const answer = await apiOf(data, process.env).request('POST', `/admin/failover/${encodeURIComponent(region)}`, body);
  const { steps, moves, stays } = answerSchema.parse(answer);
  const tenants = [
    ...moves.map(({ tenantId, to: target }) => [tenantId, target]),
    ...stays.map(({ tenantId, because }) => [tenantId, 'stays', because.replaceAll('_', ' ')]),
  ];
  for (const line of table(tenants)) print(line);
  if (dryRun === true && tenants.length === 0) tell('no tenant has anything to move');
  for (const line of table(steps.map(({ step, ok, detail }) => [ok ? 'ok' : 'WRONG', step, detail ?? '']))) print(line);
  if (steps.some(({ ok }) => !ok)) process.exitCode = 1;
}
