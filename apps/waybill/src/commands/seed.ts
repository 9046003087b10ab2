import type { Command } from 'commander';
import { z } from 'zod';
import { apiOf, runningStack } from '../client/api.ts';
import { DEMO, makeDemo } from '../stack/demo.ts';
import { print, table, tell } from '../terminal/print.ts';
import { dataOption } from './options.ts';

interface SeedOptions {
  readonly data: string;
  readonly receiver?: string;
}

const EVENTS = [
  { eventType: 'order.paid', data: { order: { id: 'A-1001', total: 99.5, currency: 'EUR' } } },
  { eventType: 'order.refunded', data: { order: { id: 'A-1001' }, amount: 10 } },
  { eventType: 'customer.created', data: { customer: { id: 'C-7', name: 'Ada' } } },
] as const;
const acceptedSchema = z.object({ id: z.string(), duplicate: z.boolean() });

/** `waybill seed`: something to look at, made through the API. */
export function seedCommand(program: Command): void {
  program
    .command('seed')
    .description(
      'make a demo tenant with an endpoint, two sources and a few events; what is there stays. At WAYBILL_URL, or the running local stack',
    )
    .addOption(dataOption())
    .option('--receiver <url>', 'where the endpoint sends to; default: the receiver of the local stack')
    .action(seed);
}

async function seed({ data, receiver }: SeedOptions): Promise<void> {
  const api = apiOf(data, process.env);
  const steps = await makeDemo(api, receiver ?? receiverHere(data, process.env));
  const rows = steps.map(({ what, isNew }) => [isNew ? 'made' : 'is there', what]);
  for (const [index, event] of EVENTS.entries()) {
    const headers = { 'idempotency-key': `seed-${index + 1}` };
    const { id, duplicate } = acceptedSchema.parse(await api.request('POST', `/v1/tenants/${DEMO.tenant}/events`, event, headers));
    rows.push([duplicate ? 'is there' : 'made', `event ${id}, ${event.eventType}`]);
  }
  for (const line of table(rows)) print(line);
  tell('look at them:  npx waybill events');
}

function receiverHere(dataDir: string, env: NodeJS.ProcessEnv): string {
  if ((env['WAYBILL_URL'] ?? '') !== '')
    throw new Error('say with --receiver where the endpoint of the demo sends to, such as https://example.com');
  return runningStack(dataDir).receiverUrl;
}
