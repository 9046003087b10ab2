import fc from 'fast-check';
import { expect, it } from 'vitest';
import { digestOf } from '../adapters/queries/digest.ts';
import type { Database } from '../adapters/store/database.ts';
import type { StoredMessage } from '../domain/read-fact.ts';
import { emptyStore } from './empty-store.ts';
import { project, register } from './regions-conformance.ts';
import { copiesIn, SampleLog } from './sample-facts.ts';
import { registryEntry, sampleEndpoint } from './sample-registry.ts';
import { anyTwoLogs } from './sample-sequence.ts';
import { addEvents } from './whole-events.ts';

/** What the digest of every store must tell, whichever engine the other region uses. */
export function digestConformance(opened: () => Database): void {
  const digestAfter = async (streams: readonly (readonly StoredMessage[])[]) => {
    await emptyStore(opened());
    for (const messages of streams) await project(opened(), messages, [7]);
    return digestOf(opened());
  };

  it('has a digest that is the same in two regions that read the same facts in another order', async () => {
    await fc.assert(
      fc.asyncProperty(anyTwoLogs, async ([us, eu]) => {
        const inUs = await digestAfter([us.messages, copiesIn('PEERS_US', eu.messages)]);
        const inEu = await digestAfter([eu.messages, copiesIn('PEERS_EU', us.messages)]);
        expect(inEu).toEqual(inUs);
      }),
      { numRuns: 10 },
    );
  });

  it('has a digest that leaves out what belongs to strict tenants, counters too', async () => {
    const us = new SampleLog('us');
    addEvents(us, 0, 3);
    const strict = new SampleLog('us', { scope: 'l' });
    addEvents(strict, 10, 3, 'bank');
    strict.accepted(20, 'bank');
    strict.refused(20, 'reader_too_old', 'bank');
    const inEu = await digestAfter([copiesIn('PEERS_EU', us.messages)]);
    const inUs = await digestAfter([us.messages, strict.messages.map((message) => ({ ...message, stream: 'LOG_US_TOO' }))]);
    await register(opened(), [registryEntry(1, 'us.l.endpoint.bank.ep_l', { ...sampleEndpoint('ep_l'), tenantId: 'bank' })]);
    expect(await digestOf(opened())).toEqual(inUs);
    expect(inUs).toEqual(inEu);
    expect(inUs.tables).toMatchObject({ event: { rows: 3 }, delivery: { rows: 6 }, endpoint: { rows: 0 } });
  });

  it('has a digest that tells in which table one fact more or less shows', async () => {
    const us = new SampleLog('us');
    addEvents(us, 0, 2);
    const before = await digestAfter([us.messages]);
    us.claimed('eu', ['dlv_1']);
    us.attempted(1, 'ep_a', 2, { kind: 'delivered' });
    const after = await digestAfter([us.messages]);
    const differing = Object.keys(after.tables).filter((table) => after.tables[table]?.digest !== before.tables[table]?.digest);
    expect(differing.toSorted()).toEqual(['attempt', 'claim', 'delivery', 'region_change', 'rollup', 'total']);
    expect(after.digest).not.toBe(before.digest);
  });
}
