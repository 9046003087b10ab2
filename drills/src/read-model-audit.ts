import { z } from 'zod';
import type { CallApi } from '@waybill/bench';
import type { End } from './log-audit.ts';

const pageSchema = z.object({
  data: z.array(z.object({ id: z.string(), state: z.string() })),
  done: z.boolean(),
  iterator: z.string().nullable(),
});

const PAGE = 250;

/** States of all deliveries by id, as the API shows them, read page by page. Throws when a delivery is on two pages. */
export async function shownStates(call: CallApi): Promise<Map<string, string>> {
  const states = new Map<string, string>();
  for (let iterator: string | null = ''; iterator !== null;) {
    const from = iterator === '' ? '' : `&iterator=${encodeURIComponent(iterator)}`;
    const page = pageSchema.parse(await call('GET', `/v1/deliveries?limit=${PAGE}${from}`));
    for (const { id, state } of page.data) {
      if (states.has(id)) throw new Error(`delivery ${id} is on two pages`);
      states.set(id, state);
    }
    iterator = page.done ? null : page.iterator;
  }
  return states;
}

/** Deliveries whose shown state is not how they ended in the LOG, those that are not shown, and those that only the read models know. */
export function disagreements(ends: ReadonlyMap<string, readonly End[]>, shown: ReadonlyMap<string, string>): string[] {
  const wrong = [...ends].filter(([id, [end]]) => shown.get(id) !== (end ?? 'planned'));
  const unknown = [...shown.keys()].filter((id) => !ends.has(id));
  return [
    ...wrong.map(([id, [end]]) => `${id}: ${end ?? 'no end'} in the LOG, ${shown.get(id) ?? 'not shown'} in the read models`),
    ...unknown.map((id) => `${id}: only in the read models`),
  ];
}
