import { Api } from '../client/api.ts';
import { regionsSchema } from '../client/regions.ts';
import { isAlive } from '../stack/processes.ts';
import type { RunState } from '../stack/run-file.ts';
import type { Watched } from './ask-control.ts';
import { type Finding, lasting, messageOf, verdict, wrong } from './finding.ts';
import { judgeView, type KnownRecord } from './view.ts';

const PATIENCE_MS = 5_000;

/** Compares what each region of a local stack shows of all regions with what the control bucket said before. */
export async function viewFindings(state: RunState, watched: ReadonlyMap<string, Watched>): Promise<Finding[]> {
  const known = new Map(
    [...watched].flatMap(([id, { record, isRenewed }]) =>
      record === undefined ? [] : [[id, { state: record.state, epoch: record.epoch, isRenewed }] satisfies [string, KnownRecord]],
    ),
  );
  if (known.size === 0) return [];
  // That an ingress is down is told with its process.
  const up = state.regions.filter(({ pids }) => pids['ingress'] !== undefined && isAlive(pids['ingress']));
  const views = up.map(({ id, url }) => lasting(() => look(id, new Api(url, state.adminKey), known), PATIENCE_MS));
  return (await Promise.all(views)).flat();
}

async function look(region: string, api: Api, known: ReadonlyMap<string, KnownRecord>): Promise<Finding[]> {
  const what = `${region} view`;
  try {
    const answer = regionsSchema.parse(await api.get('/v1/regions'));
    return verdict(what, judgeView(region, answer, known), 'sees all regions as they are');
  } catch (error) {
    return [wrong(what, { detail: messageOf(error), remedy: `see the health of the ingress of ${region}` })];
  }
}
