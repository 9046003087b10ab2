import { type DeadLetterFilter, deadLetterFilterSchema, redriveSpecSchema, WaybillError } from '@waybill/contracts';
import { z } from 'zod';
import { type RegionPorts, requireControl, requireRegion } from '../regions/region-ports.ts';
import { schemaViolation } from '../parse-with.ts';
import type { DeadLetter } from './dead-letter-reads.ts';
import { type ReadsPorts, waitForReads } from './wait-for-reads.ts';

/** How dead letters are named in a command: one of the two, and everything only when that is said. */
export const choiceShape = {
  ids: redriveSpecSchema.shape.ids,
  filter: deadLetterFilterSchema.optional(),
  all: z.boolean().meta({ description: 'True: no filter is meant; all open ones of this region' }).optional(),
};
type Asked = z.output<z.ZodObject<typeof choiceShape>>;

/** Which dead letters, as a job remembers it. A filter always names its region. */
export type Choice =
  | { readonly ids: string[]; readonly filter?: undefined }
  | { readonly filter: DeadLetterFilter; readonly ids?: undefined };

export interface ChoicePorts extends ReadsPorts {
  readonly regions: Pick<RegionPorts, 'region' | 'order' | 'control'>;
  /** Throws WB_MISDIRECTED for a strict tenant of another region. */
  readonly requireHere: (kind: 'tenant', tenantId: string) => void;
}

/** Looked up at the same time. */
const AT_ONCE = 8;

/**
 * Checks what was asked for. Throws WB_SCHEMA_VIOLATION, WB_REGION_UNKNOWN, and WB_MISDIRECTED for what another region has to do: a strict tenant's, and
 * those of a region that is active.
 */
export async function checkChoice(ports: ChoicePorts, { ids, filter, all }: Asked): Promise<Choice> {
  if ([ids, filter ?? all].filter((given) => given !== undefined).length !== 1)
    throw schemaViolation([{ path: '', message: 'give either "ids" or "filter", or "all": true' }]);
  if (ids !== undefined) return { ids: [...new Set(ids)] };
  const { region = ports.regions.region, ...narrow } = filter ?? {};
  const isEmpty = filter?.region === undefined && Object.values(narrow).every((value) => value === undefined);
  if (isEmpty && all !== true)
    throw schemaViolation([{ path: 'filter', message: 'an empty filter means everything: say "all": true if that is wanted' }]);
  if (narrow.tenantId !== undefined) ports.requireHere('tenant', narrow.tenantId);
  await requireWorkable(ports, region);
  return { filter: { ...narrow, region } };
}

/** This region works on the dead letters of its own, and on those of a region that does not do it itself. */
async function requireWorkable({ regions }: ChoicePorts, region: string): Promise<void> {
  if (region === regions.region) return;
  requireRegion(regions, region);
  const control = await requireControl(regions);
  if (control.record(region)?.state !== 'active') return;
  throw new WaybillError('WB_MISDIRECTED', `${region} is active: send it there, for its dead letters are its own`, { extra: { region } });
}

/** Hands out the open dead letters of the choice, part by part, as the read models have them once they have caught up. */
export async function* chosen(ports: ChoicePorts, { ids, filter }: Choice): AsyncGenerator<readonly DeadLetter[]> {
  await waitForReads(ports);
  if (ids === undefined) yield* pagesOf(ports, filter);
  else yield await findAll(ports, ids);
}

async function* pagesOf({ reads, stopping }: ChoicePorts, filter: DeadLetterFilter): AsyncGenerator<readonly DeadLetter[]> {
  let iterator: string | undefined;
  for (;;) {
    if (stopping.signal.aborted) throw new WaybillError('WB_NOT_READY', 'this service is stopping: ask again');
    const page = await reads.page(filter, iterator);
    if (page.data.length > 0) yield page.data;
    if (page.done || page.iterator === null || page.iterator === iterator) return;
    ({ iterator } = page);
  }
}

/** Throws WB_DEAD_LETTER_UNKNOWN and WB_DELIVERY_STATE with the `ids` that do not fit, before anything is done with the others. */
async function findAll(ports: ChoicePorts, ids: readonly string[]): Promise<readonly DeadLetter[]> {
  const found = new Map<string, DeadLetter>();
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    const some = await Promise.all(ids.slice(at, at + AT_ONCE).map((id) => ports.reads.find(id)));
    for (const one of some) if (one !== undefined) found.set(one.id, one);
  }
  const unknown = ids.filter((id) => !found.has(id));
  if (unknown.length > 0) throw refused('WB_DEAD_LETTER_UNKNOWN', 'no such dead letters', unknown);
  const all = [...found.values()];
  const over = all.filter(({ state }) => state !== 'open').map(({ id }) => id);
  if (over.length > 0) throw refused('WB_DELIVERY_STATE', 'redriven or discarded already', over);
  for (const region of new Set(all.map((one) => one.region))) await requireWorkable(ports, region);
  return all;
}

const refused = (code: 'WB_DEAD_LETTER_UNKNOWN' | 'WB_DELIVERY_STATE', why: string, ids: readonly string[]): WaybillError =>
  new WaybillError(code, `${why}: ${ids.slice(0, 10).join(', ')}; nothing was done`, { extra: { ids } });
