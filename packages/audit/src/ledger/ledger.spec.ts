import { deliveryIdOf, type EndpointId, newEventId } from '@waybill/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AuditFact } from '../facts/audit-fact.ts';
import { accepted, delivery, denied, JOB, planned, refused, started, T0, tried } from '../testing/facts.ts';
import { type FindingKind, Findings, NOTICES, VIOLATIONS } from './findings.ts';
import { Ledger, type LedgerOptions } from './ledger.ts';

const EVERYTHING = { fromMs: 0, toMs: Number.POSITIVE_INFINITY, keyTtlMs: 86_400_000 };
const eu = { by: 'eu' };

function judged(facts: readonly AuditFact[], options: Partial<LedgerOptions> = {}) {
  const findings = new Findings();
  const ledger = new Ledger({ ...EVERYTHING, ...options }, findings);
  for (const fact of facts) ledger.note(fact);
  ledger.finish();
  const found: Partial<Record<FindingKind, number>> = {};
  for (const kind of [...VIOLATIONS, ...NOTICES]) if (findings.count(kind) > 0) found[kind] = findings.count(kind);
  const openEvents = [...ledger.events.open()].map(({ eventId, lacks }) => `${eventId} ${lacks}`).toSorted();
  const openDeliveries = [...ledger.deliveries.open()].map(({ deliveryId, plan }) => `${deliveryId} ${plan ? 'planned' : 'unplanned'}`);
  return { ledger, found, openEvents, openDeliveries: openDeliveries.toSorted() };
}

/** One event with two deliveries that both ended. */
const SOUND = [
  accepted('e1', { key: 'k1' }),
  planned('e1', ['d1', 'd2']),
  tried('d1', 'retry'),
  tried('d1', 'delivered', { attempt: 2 }),
  tried('d2', 'dead_lettered'),
];

describe('the ledger of a sound log', () => {
  it('has nothing to say, and counts', () => {
    const { ledger, ...rest } = judged(SOUND);
    expect(rest).toEqual({ found: {}, openEvents: [], openDeliveries: [] });
    expect(ledger.figures.get('us')).toEqual({
      accepted: 1,
      planned: 2,
      refused: 0,
      attempts: 3,
      delivered: 1,
      dead_lettered: 1,
      denied: 0,
    });
    expect(['d1', 'd2', 'd3'].map((id) => ledger.deliveries.stateOf(id))).toEqual(['delivered', 'dead_lettered', undefined]);
  });

  it.each<[string, AuditFact[]]>([
    ['a refusal is the end of an event', [accepted('e2'), refused('e2')]],
    ['so is a plan without deliveries', [accepted('e2'), planned('e2', [])]],
    [
      'parts are no second plan',
      [accepted('e2'), planned('e2', ['d3'], { parts: 2 }), planned('e2', [], { parts: 2, deliverIn: 'eu' }), tried('d3', 'delivered')],
    ],
    ['a denied target is planned and ended at once', [accepted('e2'), denied('e2', 'd3'), planned('e2', [])]],
    ['a job plans an old event again', [planned('e1', ['r1'], { replay: JOB, replayOf: 'd2' }), tried('r1', 'delivered')]],
    ['a refused event is planned by a job', [accepted('e2'), refused('e2'), planned('e2', ['d3'], { replay: JOB }), tried('d3', 'denied')]],
    ['a key is free again when its time is over', [accepted('e2', { key: 'k1', storedMs: T0 + 86_400_000 }), refused('e2')]],
    ['events without a key are never the same', [accepted('e2'), accepted('e3'), refused('e2'), refused('e3')]],
    [
      'a run is named later than it was started',
      [started('key', undefined), started('key', '7'), started('key', undefined), started('key', '7')],
    ],
    ['an unreadable event that was set aside', [unreadable('us#9'), refused('us#9')]],
  ])('%s', (_what, facts) => {
    const { ledger: _, ...rest } = judged([...SOUND, ...facts]);
    expect(rest).toEqual({ found: {}, openEvents: [], openDeliveries: [] });
  });
});

function unreadable(id: string): AuditFact {
  const { by, scope, storedMs, position } = accepted('x');
  return { by, scope, storedMs, position, kind: 'unreadable', type: 'event.accepted', id };
}

describe('the ledger finds', () => {
  it.each<[FindingKind, AuditFact[]]>([
    ['accepted_twice', [accepted('e1')]],
    ['same_key', [accepted('e2', { key: 'k1' }), refused('e2')]],
    ['planned_twice', [planned('e1', [])]],
    ['planned_twice', [refused('e1')]],
    ['planned_twice', [accepted('e2'), refused('e2'), refused('e2')]],
    ['delivery_planned_twice', [planned('e1', ['d1'], { replay: JOB })]],
    ['delivery_planned_twice', [planned('e1', ['r1'], { replay: JOB }), planned('e1', ['r1'], { replay: JOB }), tried('r1', 'delivered')]],
    ['ended_twice', [tried('d1', 'delivered', { attempt: 3 })]],
    ['started_twice', [started('key', '7'), started('key', '8')]],
    ['unreadable', [unreadable('us#9')]],
    ['planned_elsewhere_too', [planned('e1', ['d1', 'd2'], eu)]],
    ['ended_elsewhere_too', [tried('d1', 'delivered', { ...eu, attempt: 2 })]],
    ['key_elsewhere_too', [accepted('e2', { ...eu, key: 'k1' }), refused('e2')]],
    ['stored_again', [tried('d1', 'delivered', { attempt: 2 })]],
  ])('%s', (kind, facts) => {
    expect(judged([...SOUND, ...facts]).found).toEqual({ [kind]: 1 });
  });

  it('a plan too many of a region that stood in, and lets it plan all that it did not see', () => {
    const parts = { parts: 2 };
    const takenOver = [
      accepted('e2'),
      planned('e2', [], parts),
      planned('e2', [], { ...parts, ...eu }),
      planned('e2', [], { ...parts, ...eu }),
    ];
    expect(judged(takenOver).found).toEqual({ planned_elsewhere_too: 1 });
    const tooMany = [...takenOver, planned('e2', [], { ...parts, ...eu })];
    expect(judged(tooMany).found).toEqual({ planned_elsewhere_too: 1, planned_twice: 1 });
    expect(judged(tooMany.toReversed()).found).toEqual({ planned_elsewhere_too: 1, planned_twice: 1 });
  });

  it('a run that was started again under a key that repeats another one', () => {
    const plan = planned('e1', ['r1'], { replay: JOB });
    const target = { key: 'again', repeats: 'key' };
    const again = { ...plan, deliveries: plan.deliveries.map((one) => ({ ...one, dispatch: { ...dispatchTarget, ...target } })) };
    const facts = [...SOUND, again, tried('r1', 'delivered'), started('key', '7')];
    expect(judged([...facts, started('again', '7')]).found).toEqual({});
    expect(judged([...facts, started('again', '8')]).found).toEqual({ started_twice: 1 });
  });

  it.each<[string, AuditFact[], string[]]>([
    ['an event without a plan', [accepted('e2')], ['e2 not_planned']],
    ['an event with one plan of two', [accepted('e2'), planned('e2', [], { parts: 2 })], ['e2 parts_missing']],
    ['a plan of an event that nobody accepted', [planned('e2', [])], ['e2 not_accepted']],
  ])('%s', (_what, facts, open) => {
    expect(judged([...SOUND, ...facts]).openEvents).toEqual(open);
  });

  it.each<[string, AuditFact[], string[]]>([
    ['a delivery without an end', [accepted('e2'), planned('e2', ['d3']), tried('d3', 'retry')], ['d3 planned']],
    ['a try that no plan names', [tried('d9', 'delivered')], ['d9 unplanned']],
  ])('%s', (_what, facts, open) => {
    expect(judged([...SOUND, ...facts]).openDeliveries).toEqual(open);
  });
});

const dispatchTarget = {
  host: 'github.com',
  installationId: '1',
  repositoryId: '1',
  owner: 'acme',
  repo: 'web',
  workflow: 'cd.yml',
  ref: 'main',
  inputs: {},
  rule: 'r',
  chain: { id: 'c', depth: 0, ancestors: [] },
};

describe('a range', () => {
  const at = (ms: number) => newEventId(ms, new Uint8Array(10));
  const [before, within] = [at(T0 - 1), at(T0)];
  const facts = [before, within].flatMap((eventId) => [accepted(eventId), planned(eventId, [deliveryIdOf(eventId, 'ep_1' as EndpointId)])]);

  it('holds the events that were accepted in it, with their deliveries, whenever they end', () => {
    const wanted = deliveryIdOf(within, 'ep_1' as EndpointId);
    const { ledger, openDeliveries } = judged(facts, { fromMs: T0, toMs: T0 + 1 });
    expect(openDeliveries).toEqual([`${wanted} planned`]);
    expect(ledger.figures.get('us')).toMatchObject({ accepted: 1, planned: 1 });
    const ended = judged([...facts, tried(wanted, 'delivered', { storedMs: T0 + 99 })], { fromMs: T0, toMs: T0 + 1 });
    expect(ended.openDeliveries).toEqual([]);
  });
});

describe('the order in which facts are read', () => {
  const deliveryIds = ['d1', 'd2', 'd3'];
  const facts: AuditFact[] = [
    ...SOUND,
    accepted('e1', { key: 'k1' }),
    planned('e1', ['d1', 'd2'], eu),
    planned('e1', []),
    accepted('e2', { key: 'k1' }),
    planned('e2', ['d3'], { parts: 2 }),
    planned('e2', [], { parts: 2 }),
    tried('d1', 'delivered', { ...eu, attempt: 2 }),
    tried('d1', 'delivered', { ...eu, attempt: 2 }),
    tried('d1', 'dead_lettered', { ...eu, attempt: 3 }),
    tried('d3', 'retry'),
    planned('e9', [delivery('d9')], { replay: JOB }),
    tried('d8', 'delivered'),
    unreadable('us#9'),
    refused('us#9'),
  ];

  it('makes no difference', () => {
    const states = ({ ledger, ...rest }: ReturnType<typeof judged>) => [rest, deliveryIds.map((id) => ledger.deliveries.stateOf(id))];
    const wanted = states(judged(facts));
    fc.assert(
      fc.property(fc.shuffledSubarray(facts, { minLength: facts.length }), (shuffled) => {
        expect(states(judged(shuffled))).toEqual(wanted);
      }),
    );
  });
});
