import type { Command } from 'commander';
import { z } from 'zod';
import { apiOf } from '../client/api.ts';
import { DEMO } from '../stack/demo.ts';
import { print, tell } from '../terminal/print.ts';
import { dataOption, wholeNumberIn } from './options.ts';

interface SendOptions {
  readonly data: string;
  readonly tenant: string;
  readonly type: string;
  readonly payload: string;
  readonly key?: string;
  readonly count: number;
}

const acceptedSchema = z.object({ id: z.string(), duplicate: z.boolean() });
const PROGRESS_EVERY = 100;

/** `waybill send`: sends events through the API. */
export function sendCommand(program: Command): void {
  program
    .command('send')
    .description('send an event through the API')
    .addOption(dataOption())
    .option('--tenant <id>', 'tenant to send for', DEMO.tenant)
    .option('--type <type>', 'event type', 'order.paid')
    .option('--payload <json>', 'data of the event', '{"order":{"id":"A-1001","total":99.5,"currency":"EUR"}}')
    .option('--key <key>', 'idempotency key: the same key again gives the same event')
    .option('--count <n>', 'how many events', wholeNumberIn(1, 1_000_000), 1)
    .action(send);
}

async function send(options: SendOptions): Promise<void> {
  const api = apiOf(options.data, process.env);
  parsePayload(options.payload);
  // The payload goes in as it was typed: parsing and writing it again would change its numbers.
  const body = `{"eventType":${JSON.stringify(options.type)},"data":${options.payload}}`;
  for (let sent = 1; sent <= options.count; sent += 1) {
    const key = options.key === undefined ? {} : { 'idempotency-key': options.count === 1 ? options.key : `${options.key}-${sent}` };
    const accepted = acceptedSchema.parse(
      await api.request('POST', `/v1/tenants/${options.tenant}/events`, body, { 'content-type': 'application/json', ...key }),
    );
    print(`${accepted.id}${accepted.duplicate ? '  (duplicate: it was accepted before)' : ''}`);
    if (options.count > 1 && sent % PROGRESS_EVERY === 0) tell(`${sent} of ${options.count}`);
  }
  if (options.count === 1) tell('accepted. Its story: npx waybill event <id>');
}

function parsePayload(text: string): void {
  try {
    JSON.parse(text);
  } catch (error) {
    throw new Error(`--payload is not JSON: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
