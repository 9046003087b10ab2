import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { type Api, ApiError, apiOf } from '../client/api.ts';
import { buildLine, isBad, lastLines, type Projections, projectionsSchema, servingRows } from '../client/projections.ts';
import { print, table, tell } from '../terminal/print.ts';
import { dataOption, regionOption } from './options.ts';

const LOOK_MS = 1_000;

interface ProjectionsOptions {
  readonly data: string;
  readonly region?: string;
  readonly watch?: boolean;
}

/** `waybill projections`: how the read models are, and having them built from the log again. */
export function projectionsCommand(program: Command): void {
  const projections = program
    .command('projections')
    .description('the read models: how they are; rebuild them from the log, or verify them');
  projections
    .command('status')
    .description('which generation serves, how far it has read, and what is built beside it')
    .addOption(dataOption())
    .addOption(regionOption())
    .action(async ({ data, region }: ProjectionsOptions) => show(await read(apiOf(data, process.env, region))));
  for (const [purpose, description] of [
    ['rebuild', 'build the next generation from the log beside the one that serves, then let it take over'],
    ['verify', 'build one aside, compare every row with what serves, and throw it away; exit code 1 when they differ'],
  ] as const) {
    projections
      .command(purpose)
      .description(description)
      .addOption(dataOption())
      .addOption(regionOption())
      .option('--no-watch', 'only begin it; "waybill projections status" shows how it goes on')
      .action((options: ProjectionsOptions) => build(purpose, options));
  }
}

const read = async (api: Api): Promise<Projections> => projectionsSchema.parse(await api.get('/v1/projections'));

async function build(purpose: 'rebuild' | 'verify', { data, region, watch }: ProjectionsOptions): Promise<void> {
  const api = apiOf(data, process.env, region);
  let status = projectionsSchema.parse(await api.request('POST', `/v1/projections/${purpose}`, {}));
  while (watch !== false && status.build !== null) {
    tell(buildLine(status.build));
    await delay(LOOK_MS);
    status = await readPatiently(api, status);
  }
  show(status);
  if (status.build === null && status.last !== null && isBad(status.last)) process.exitCode = 1;
}

/** A projector that starts again goes on with the build; until it answers, what it said last stands. */
async function readPatiently(api: Api, before: Projections): Promise<Projections> {
  try {
    return await read(api);
  } catch (error) {
    if (!(error instanceof ApiError) || (error.status !== 0 && error.status < 500)) throw error;
    tell(error.message);
    return before;
  }
}

function show(status: Projections): void {
  print(`generation ${status.serving.generation} serves`);
  for (const line of table(servingRows(status))) print(line);
  if (status.build !== null) print(buildLine(status.build));
  if (status.build !== null || status.last === null) return;
  for (const line of lastLines(status.last)) print(line);
}
