import { type Pause, pauseSchema, WaybillError } from '@waybill/contracts';
import { z } from 'zod';
import { parseWith } from '../parse-with.ts';
import type { OneAtATime } from './one-at-a-time.ts';

const { id, owner, repository, workflow, sourceRepository, sourceWorkflow, region, reason } = pauseSchema.shape;
const selectors = { owner, repository, workflow, sourceRepository, sourceWorkflow, region };
const NAMED = Object.keys(selectors);

/** The body of `PUT /v1/pauses/{id}`. Without any selector it would hold back everything, which nobody means who forgets one. */
export const pauseBodySchema = z
  .strictObject({ ...selectors, reason })
  .refine((body) => NAMED.some((name) => Object.hasOwn(body, name)), `name what is paused: at least one of ${NAMED.join(', ')}`)
  .meta({ id: 'PauseBody' });

const pathSchema = z.strictObject({ pauseId: id });

export interface PausePorts {
  /** All regions of the deployment. */
  readonly regions: readonly string[];
  readonly find: (id: string) => Pause | undefined;
  readonly save: (pause: Pause) => Promise<unknown>;
  readonly remove: (id: string) => Promise<unknown>;
  readonly inTurn: OneAtATime;
  readonly nowMs: () => number;
}

/** Finds a pause. Throws WB_PAUSE_UNKNOWN. */
export function requirePause(find: PausePorts['find'], pauseId: string): Pause {
  const pause = find(pauseId);
  if (pause === undefined) throw new WaybillError('WB_PAUSE_UNKNOWN', `there is no pause ${pauseId}`);
  return pause;
}

/** Creates a pause or replaces it as a whole; when it was created does not change. Throws WB_SCHEMA_VIOLATION, WB_REGION_UNKNOWN. */
export function putPause(ports: PausePorts, pauseId: string, body: unknown): Promise<{ pause: Pause; created: boolean }> {
  return ports.inTurn.run(pauseId, async () => {
    parseWith(pathSchema, { pauseId });
    const wanted = parseWith(pauseBodySchema, body);
    if (wanted.region !== undefined && !ports.regions.includes(wanted.region))
      throw new WaybillError('WB_REGION_UNKNOWN', `there is no region ${wanted.region}; there are ${ports.regions.join(', ')}`);
    const current = ports.find(pauseId);
    const now = new Date(ports.nowMs()).toISOString();
    const pause = pauseSchema.parse({ ...wanted, id: pauseId, createdAt: current?.createdAt ?? now, updatedAt: now });
    await ports.save(pause);
    return { pause, created: current === undefined };
  });
}

/** Ends a pause: what comes from now on is dispatched again. What was denied stays denied. */
export function deletePause(ports: PausePorts, pauseId: string): Promise<unknown> {
  return ports.inTurn.run(pauseId, async () => {
    requirePause(ports.find, pauseId);
    await ports.remove(pauseId);
  });
}
