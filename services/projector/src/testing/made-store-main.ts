import { parseArgs } from 'node:util';
import { makeStore } from './made-store.ts';

/** Makes the read models of a region in a folder, for measurements: `made-store-main --folder DIR --region NAME --events N`. Prints the file's path. */
const text = { type: 'string' } as const;
const { values } = parseArgs({ options: { folder: text, region: text, events: text }, strict: true });
const events = Number(values.events);
if (values.folder === undefined || values.region === undefined || !Number.isInteger(events) || events < 1_000)
  throw new TypeError('give --folder, --region and --events, a whole number from 1000 on');
process.stdout.write(`${await makeStore(values.folder, { events, region: values.region, endMs: Date.now() })}\n`);
