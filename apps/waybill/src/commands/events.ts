import type { Command } from 'commander';
import { z } from 'zod';
import { apiOf } from '../client/api.ts';
import { print, table, tell } from '../terminal/print.ts';
import { dataOption, wholeNumberIn } from './options.ts';

interface EventsOptions {
  readonly data: string;
  readonly tenant?: string;
  readonly type?: string;
  readonly state?: string;
  readonly limit: number;
}

const pageSchema = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      tenantId: z.string(),
      eventType: z.string(),
      state: z.string(),
      acceptedAt: z.string(),
      deliveryCount: z.number(),
    }),
  ),
  done: z.boolean(),
});

/** `waybill events`: the newest events. */
export function eventsCommand(program: Command): void {
  program
    .command('events')
    .description('list the newest events')
    .addOption(dataOption())
    .option('--tenant <id>', 'only of this tenant')
    .option('--type <type>', 'only of this type')
    .option('--state <state>', 'only in this state: accepted, planned, unmatched, refused')
    .option('--limit <n>', 'how many', wholeNumberIn(1, 250), 20)
    .action(async (options: EventsOptions) => {
      const query = new URLSearchParams({ limit: String(options.limit) });
      if (options.tenant !== undefined) query.set('tenantId', options.tenant);
      if (options.type !== undefined) query.set('eventType', options.type);
      if (options.state !== undefined) query.set('state', options.state);
      const page = pageSchema.parse(await apiOf(options.data, process.env).get(`/v1/events?${query.toString()}`));
      const rows = page.data.map((event) => [
        event.acceptedAt,
        event.id,
        event.eventType,
        event.tenantId,
        event.state,
        event.deliveryCount === 1 ? '1 delivery' : `${event.deliveryCount} deliveries`,
      ]);
      for (const line of table(rows)) print(line);
      if (page.data.length === 0) tell('no events yet. Send one with "npx waybill send".');
      else if (!page.done) tell(`there are more; see them with --limit, or GET /v1/events`);
    });
}
