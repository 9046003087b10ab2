import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AuditFact } from '../facts/audit-fact.ts';
import { accepted, JOB, planned, refused, T0, tried } from '../testing/facts.ts';
import { Findings, VIOLATIONS } from './findings.ts';
import { Ledger } from './ledger.ts';

const regionOf = fc.constantFrom('us', 'eu');
const deliveryOf = fc.record({
  by: regionOf,
  end: fc.constantFrom('delivered', 'dead_lettered', 'denied'),
  retries: fc.nat(2),
  redriven: fc.boolean(),
});
const eventOf = fc.record({
  acceptedIn: regionOf,
  hasKey: fc.boolean(),
  fate: fc.constantFrom('planned', 'refused', 'refused and redriven'),
  deliveries: fc.array(deliveryOf, { maxLength: 3 }),
});
type Event = typeof eventOf extends fc.Arbitrary<infer T> ? T : never;
type Delivery = Event['deliveries'][number];

/** The facts of one delivery, whose plan is made elsewhere. */
function endOf(id: string, { by, end, retries }: Delivery): AuditFact[] {
  const facts: AuditFact[] = Array.from({ length: retries }, (_, n) => tried(id, 'retry', { by, attempt: n + 1 }));
  return [...facts, tried(id, end, { by, attempt: retries + 1, at: new Date(T0 + retries).toISOString() })];
}

function factsOf({ acceptedIn: by, hasKey, fate, deliveries }: Event, n: number): AuditFact[] {
  const eventId = `e${n}`;
  const ids = deliveries.map((_, at) => `${eventId}d${at}`);
  const facts: AuditFact[] = [accepted(eventId, { by, key: hasKey ? `k${n}` : '' })];
  if (fate !== 'planned') facts.push(refused(eventId, { by }));
  if (fate === 'refused') return facts;
  if (fate === 'refused and redriven') facts.push(planned(eventId, ids, { by, replay: JOB }));
  // A plan for each region that delivers.
  const regions = [...new Set(['us', ...deliveries.map((delivery) => delivery.by)])];
  for (const deliverIn of fate === 'planned' ? regions : []) {
    const those = ids.filter((_, at) => (deliveries[at]?.by ?? 'us') === deliverIn);
    facts.push(planned(eventId, those, { by, deliverIn, parts: regions.length }));
  }
  for (const [at, delivery] of deliveries.entries()) {
    const id = ids[at] ?? '';
    facts.push(...endOf(id, delivery));
    if (!delivery.redriven || delivery.end !== 'dead_lettered') continue;
    facts.push(planned(eventId, [`${id}r`], { by, replay: JOB, replayOf: id }), tried(`${id}r`, 'delivered', { by }));
  }
  return facts;
}

/** What an audit of logs that are at rest says: kinds of violations. */
function violationsOf(facts: readonly AuditFact[]): string[] {
  const findings = new Findings();
  const ledger = new Ledger({ fromMs: 0, toMs: Infinity, keyTtlMs: 86_400_000 }, findings);
  for (const fact of facts) ledger.note(fact);
  ledger.finish();
  const open = [...ledger.events.open()].map(({ lacks }) => lacks);
  const lost = [...ledger.deliveries.open()].map(({ plan }) => (plan === undefined ? 'unplanned' : 'without_end'));
  return [...VIOLATIONS.filter((kind) => findings.count(kind) > 0), ...open, ...lost];
}

/** Whether a fact must be there: a try that was followed by another one need not. */
const isOwed = (fact: AuditFact): boolean => {
  if (fact.kind === 'tried') return fact.next.kind !== 'retry';
  return fact.kind !== 'planned' || fact.replay === undefined || fact.deliveries.length > 0;
};

/** The same thing done once more. */
function onceMore(fact: AuditFact): AuditFact {
  if (fact.kind === 'tried') return { ...fact, attempt: (fact.attempt ?? 0) + 1 };
  return fact;
}

const history = fc
  .array(eventOf, { minLength: 1, maxLength: 6 })
  .map((events) => events.flatMap((event, n) => factsOf(event, n)))
  .chain((facts) => fc.shuffledSubarray(facts, { minLength: facts.length }));
const faulty = history.chain((facts) => {
  const owed = facts.filter(isOwed);
  return fc.record({ facts: fc.constant(facts), at: fc.constantFrom(...owed), where: fc.nat(facts.length) });
});

describe('of any history', () => {
  it('nothing is said when it is sound', () => {
    fc.assert(
      fc.property(history, (facts) => {
        expect(violationsOf(facts)).toEqual([]);
      }),
    );
  });

  it('any fact that is lost is missed', () => {
    fc.assert(
      fc.property(faulty, ({ facts, at }) => {
        expect(violationsOf(facts.filter((fact) => fact !== at))).not.toEqual([]);
      }),
    );
  });

  it('anything that is done once more is found', () => {
    fc.assert(
      fc.property(faulty, ({ facts, at, where }) => {
        expect(violationsOf(facts.toSpliced(where, 0, onceMore(at)))).not.toEqual([]);
      }),
    );
  });

  it('a second event under a key is found, and an end that belongs to nothing', () => {
    fc.assert(
      fc.property(history, fc.nat(), (facts, where) => {
        const keyed = facts.find((fact) => fact.kind === 'accepted' && fact.key !== '');
        const again =
          keyed === undefined ? [] : [accepted('e9', { by: keyed.by, key: keyed.kind === 'accepted' ? keyed.key : '' }), refused('e9')];
        const more = again.length > 0 ? again : [tried('d9', 'delivered')];
        expect(violationsOf(facts.toSpliced(where % facts.length, 0, ...more))).toEqual([again.length > 0 ? 'same_key' : 'unplanned']);
      }),
    );
  });
});
