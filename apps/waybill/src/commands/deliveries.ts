import type { Command } from 'commander';
import { z } from 'zod';
import { apiOf } from '../client/api.ts';
import { actorHeader } from '../client/jobs.ts';
import { tell } from '../terminal/print.ts';
import { dataOption, regionOption } from './options.ts';

const answerSchema = z.looseObject({ id: z.string().optional(), kind: z.string().optional() });

/** `waybill delivery <id> retry|skip`: what an operator may do with one delivery. */
export function deliveryCommand(program: Command): void {
  program
    .command('delivery')
    .description('retry: try it now, also when it is a dead letter; skip: give it up, so that what waits behind it goes on')
    .argument('<id>')
    .argument('<action>', 'retry or skip')
    .addOption(dataOption())
    .addOption(regionOption())
    .requiredOption('--reason <text>', 'why; it is written down')
    .action(async (id: string, action: string, { data, region, reason }: { data: string; region?: string; reason: string }) => {
      if (action !== 'retry' && action !== 'skip')
        throw new Error(`"${action}" is nothing that can be done with a delivery; use retry or skip`);
      const path = `/v1/deliveries/${encodeURIComponent(id)}/${action}`;
      const answer = answerSchema.parse(
        (await apiOf(data, process.env, region).request('POST', path, { reason }, actorHeader(process.env))) ?? {},
      );
      tell(
        answer.kind === 'redrive'
          ? `a job tries it again: npx waybill job ${answer.id ?? ''}`
          : 'the region that holds it does it in a moment',
      );
    });
}
