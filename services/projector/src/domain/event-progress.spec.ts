import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copiesIn } from '../testing/sample-facts.ts';
import { MemoryRows } from '../testing/memory-rows.ts';
import { anyTwoLogs } from '../testing/sample-sequence.ts';
import type { EventProgressRow } from './event-progress.ts';
import { readFact } from './read-fact.ts';
import type { DeliveryRow } from './rows.ts';

/** What the rows of the deliveries say, counted from nothing. */
function countedFrom(deliveries: Iterable<DeliveryRow>): Map<string, EventProgressRow> {
  const counted = new Map<string, EventProgressRow>();
  for (const { event_id, scope, state } of deliveries) {
    const known = counted.get(event_id) ?? { event_id, scope, open_count: 0, delivered_count: 0, failed_count: 0 };
    counted.set(event_id, {
      ...known,
      open_count: known.open_count + Number(['planned', 'delivering', 'retrying'].includes(state)),
      delivered_count: known.delivered_count + Number(state === 'delivered'),
      failed_count: known.failed_count + Number(['dead_lettered', 'denied'].includes(state)),
    });
  }
  return counted;
}

describe('the progress of events', () => {
  it('is that of their deliveries, in any batches', () => {
    fc.assert(
      fc.property(anyTwoLogs, fc.integer({ min: 1, max: 40 }), ([us, eu], size) => {
        const memory = new MemoryRows();
        const facts = [...us.messages, ...copiesIn('PEERS_US', eu.messages)].map(readFact);
        for (let at = 0; at < facts.length; at += size) memory.apply(facts.slice(at, at + size));
        expect(memory.progress).toEqual(countedFrom(memory.deliveries.values()));
      }),
      { numRuns: 60 },
    );
  });
});
