import { expect } from 'vitest';
import { readFact } from '../domain/read-fact.ts';
import { MemoryRows } from './memory-rows.ts';
import type { Region } from './running-projector.ts';
import type { SampleLog } from './sample-facts.ts';

/** Adds `count` events with two deliveries each, one delivered and one dead. */
export function addEvents(log: SampleLog, from: number, count: number, tenant = 'acme'): void {
  for (let n = from; n < from + count; n += 1) {
    log.accepted(n, tenant);
    log.planned(n, ['ep_a', 'ep_b'], tenant);
    log.attempted(n, 'ep_a', 1, { kind: 'delivered' });
    log.attempted(n, 'ep_b', 1, { kind: 'dead_lettered', reason: 'attempts_exhausted' });
  }
}

/** Compares the totals that a projector serves with those of the same facts folded in memory. */
export async function expectTotalsOf(region: Region, log: SampleLog): Promise<void> {
  const memory = new MemoryRows();
  memory.apply(log.messages.map(readFact));
  const { body } = await region.get('/v1/stats/totals');
  const deliveries = {
    total: memory.deliveries.size,
    planned: 0,
    delivered: log.messages.length / 4,
    dead_lettered: log.messages.length / 4,
  };
  expect(body).toMatchObject({
    events: { total: memory.events.size, planned: memory.events.size },
    deliveries,
    attempts: { total: memory.attempts.size },
  });
}
