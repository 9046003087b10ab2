import { deliveryIdOf, type DeliveryId, type EndpointId, newEventId, newJobId, replayDeliveryId } from '@waybill/contracts';
import { describe, expect, it } from 'vitest';
import type { AuditFact } from '../facts/audit-fact.ts';
import { accepted, planned, refused, tried } from '../testing/facts.ts';
import { Keep } from './keep.ts';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 10, 21);
const endpointId = 'ep_1' as EndpointId;
const ago = (days: number): number => NOW - days * DAY_MS;

/** An event of so many days ago, with its delivery, and the facts that were stored at once. */
function of(days: number) {
  const storedMs = ago(days);
  const eventId = newEventId(storedMs, new Uint8Array(10));
  const deliveryId = deliveryIdOf(eventId, endpointId);
  const at = { storedMs };
  return {
    eventId,
    deliveryId,
    accepted: accepted(eventId, at),
    planned: planned(eventId, [deliveryId], at),
    refused: refused(eventId, at),
    tried: (next: 'delivered' | 'retry' | 'dead_lettered', onDay = days) => tried(deliveryId, next, { eventId, storedMs: ago(onDay) }),
  };
}

function holds(facts: readonly AuditFact[]) {
  const keep = new Keep({ wantedMs: ago(14), deadLettersSinceMs: ago(30) });
  for (const fact of facts) keep.note(fact);
  return keep.holds();
}

const discarded = (id: string): AuditFact => {
  const { by, scope, storedMs, position } = accepted('x');
  return { by, scope, storedMs, position, kind: 'discarded', ids: [id] };
};

describe('old facts are kept for', () => {
  const one = of(20);
  it.each<[string, AuditFact[], RegExp]>([
    ['an event that was not planned', [one.accepted], /^event evt_.* has no end$/],
    ['a delivery that waits for its retry', [one.accepted, one.planned, one.tried('retry')], /^delivery dlv_.* has no end$/],
    ['an open dead letter', [one.accepted, one.planned, one.tried('dead_lettered')], /^dead letter dlv_.* is open$/],
    ['a young dead letter of an old event', [of(40).accepted, of(40).planned, of(40).tried('dead_lettered', 29)], /^dead letter/],
    ['an event that was set aside', [one.accepted, one.refused], /^dead letter evt_.* is open$/],
  ])('%s', (_what, facts, what) => {
    const [first] = facts;
    expect(holds(facts)).toEqual([{ what: expect.stringMatching(what) as unknown, sinceMs: first?.storedMs }]);
  });

  it('the oldest of several, and back to the event of a delivery that a job made', () => {
    const [old, older] = [of(20), of(25)];
    expect(holds([old.accepted, older.accepted])).toEqual([
      { what: `event ${older.eventId} has no end, nor have 1 younger ones`, sinceMs: ago(25) },
    ]);
    const jobId = newJobId(ago(16), new Uint8Array(10));
    const again: DeliveryId = replayDeliveryId(jobId, old.eventId, endpointId);
    const replay = planned(old.eventId, [again], { replay: jobId, replayOf: old.deliveryId, storedMs: ago(16) });
    const facts = [old.accepted, old.planned, old.tried('dead_lettered'), replay];
    const failedAgain = tried(again, 'dead_lettered', { eventId: old.eventId, storedMs: ago(16) });
    expect(holds([...facts, failedAgain])).toEqual([{ what: `dead letter ${again} is open`, sinceMs: ago(20) }]);
  });
});

describe('old facts are not kept for', () => {
  const one = of(20);
  const dead = [one.accepted, one.planned, one.tried('dead_lettered')];
  const young = of(13);
  it.each<[string, AuditFact[]]>([
    ['what was delivered', [one.accepted, one.planned, one.tried('delivered')]],
    ['a dead letter that was discarded', [...dead, discarded(one.deliveryId)]],
    [
      'a dead letter that was redriven',
      [...dead, planned(one.eventId, [young.deliveryId], { replay: newJobId(NOW, new Uint8Array(10)), replayOf: one.deliveryId })],
    ],
    ['an event that was set aside and discarded', [one.accepted, one.refused, discarded(one.eventId)]],
    ['a dead letter whose time is over', [of(40).accepted, of(40).planned, of(40).tried('dead_lettered', 31)]],
    ['what is young enough anyway', [young.accepted, young.planned, young.tried('dead_lettered')]],
    ['a plan whose event is gone, when it came to its end', [one.planned, one.tried('delivered')]],
    ['a try whose plan is gone', [one.tried('retry')]],
  ])('%s', (_what, facts) => {
    expect(holds(facts)).toEqual([]);
  });
});
