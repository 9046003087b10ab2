import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryRows } from '../testing/memory-rows.ts';
import { SampleLog, sampleDeliveryId, sampleEventId } from '../testing/sample-facts.ts';
import { anyLog, cut } from '../testing/sample-sequence.ts';
import { readFact } from './read-fact.ts';

const RETRY = { kind: 'retry', at: '2026-01-02T00:00:00.000Z' } as const;
const EXHAUSTED = { kind: 'dead_lettered', reason: 'attempts_exhausted' } as const;

function folded(write: (log: SampleLog) => void): MemoryRows {
  const log = new SampleLog();
  write(log);
  const rows = new MemoryRows();
  rows.apply(log.messages.map(readFact));
  return rows;
}

const eventIn = (rows: MemoryRows, n: number) => rows.events.get(sampleEventId(n));
const deliveryIn = (rows: MemoryRows, n: number, endpoint: string) => rows.deliveries.get(sampleDeliveryId(n, endpoint));

describe('an event', () => {
  it('is accepted, then planned with the number of its deliveries', () => {
    const rows = folded((log) => {
      log.accepted(1);
      log.planned(1, ['ep_a', 'ep_b']);
    });
    expect(eventIn(rows, 1)).toMatchObject({ state: 'planned', delivery_count: 2, accepted_seq: 1, plan_seq: 2, correlation_id: null });
  });

  it('is unmatched when nothing subscribes', () => {
    const rows = folded((log) => {
      log.accepted(1);
      log.planned(1, []);
    });
    expect(eventIn(rows, 1)).toMatchObject({ state: 'unmatched', delivery_count: 0, plan_seq: 2 });
  });

  it('is a dead letter when it is refused, until a later plan takes it up', () => {
    const refused = (log: SampleLog): void => {
      log.accepted(1);
      log.refused(1, 'reader_too_old');
    };
    const rows = folded(refused);
    expect(eventIn(rows, 1)).toMatchObject({ state: 'refused', verdict: 'reader_too_old', detail: 'too new' });
    expect([...rows.deadLetters.values()]).toMatchObject([{ kind: 'event', reason: 'reader_too_old', endpoint_id: '' }]);
    const later = folded((log) => {
      refused(log);
      log.planned(1, ['ep_a']);
    });
    expect(eventIn(later, 1)).toMatchObject({ state: 'planned', verdict: null });
    expect(later.deadLetters.size).toBe(0);
  });

  it('stays planned when a refusal comes late', () => {
    const rows = folded((log) => {
      log.accepted(1);
      log.planned(1, ['ep_a']);
      log.refused(1);
    });
    expect(eventIn(rows, 1)).toMatchObject({ state: 'planned' });
  });
});

describe('a delivery', () => {
  it('is retrying after a failure and delivered after the next attempt', () => {
    const rows = folded((log) => {
      log.accepted(1);
      log.planned(1, ['ep_a']);
      log.attempted(1, 'ep_a', 1, RETRY);
    });
    const due = Date.parse(RETRY.at);
    expect(deliveryIn(rows, 1, 'ep_a')).toMatchObject({ state: 'retrying', attempts: 1, last_http_status: 500, next_attempt_at: due });
    const done = folded((log) => {
      log.planned(1, ['ep_a']);
      log.attempted(1, 'ep_a', 1, RETRY);
      log.attempted(1, 'ep_a', 2, { kind: 'delivered' });
    });
    expect(deliveryIn(done, 1, 'ep_a')).toMatchObject({
      state: 'delivered',
      attempts: 2,
      last_http_status: 200,
      last_reason: null,
      next_attempt_at: null,
    });
  });

  it('is a dead letter with its reason', () => {
    const rows = folded((log) => {
      log.planned(1, ['ep_a']);
      log.attempted(1, 'ep_a', 1, EXHAUSTED);
    });
    expect(deliveryIn(rows, 1, 'ep_a')).toMatchObject({ state: 'dead_lettered', end_reason: 'attempts_exhausted' });
    expect([...rows.deadLetters.values()]).toMatchObject([
      { kind: 'delivery', reason: 'attempts_exhausted', http_status: 500, detail: 'answered 500' },
    ]);
  });

  it('ends without an attempt when its endpoint is gone', () => {
    const rows = folded((log) => {
      log.planned(1, ['ep_a']);
      log.deliveryRefused(1, 'ep_a');
    });
    expect(deliveryIn(rows, 1, 'ep_a')).toMatchObject({ state: 'dead_lettered', attempts: 0, end_reason: 'endpoint_deleted' });
  });

  it('does not come back to life by an attempt after its end, which is still recorded', () => {
    const rows = folded((log) => {
      log.planned(1, ['ep_a']);
      log.attempted(1, 'ep_a', 2, { kind: 'delivered' });
      log.attempted(1, 'ep_a', 1, RETRY);
    });
    expect(deliveryIn(rows, 1, 'ep_a')).toMatchObject({ state: 'delivered', attempts: 2 });
    expect(rows.attempts.size).toBe(2);
  });

  it('gets its type from a plan that comes after the attempt', () => {
    const rows = folded((log) => {
      log.attempted(1, 'ep_a', 1, { kind: 'delivered' });
      log.planned(1, ['ep_a']);
    });
    expect(deliveryIn(rows, 1, 'ep_a')).toMatchObject({ state: 'delivered', event_type: 'order.paid' });
    expect(eventIn(rows, 1)).toMatchObject({ state: 'planned', delivery_count: 1 });
  });
});

describe('counters', () => {
  it('follow the transitions, by all, tenant, endpoint and region', () => {
    const { totals } = folded((log) => {
      log.accepted(1);
      log.planned(1, ['ep_a']);
      log.attempted(1, 'ep_a', 1, { kind: 'delivered' });
    });
    expect(Object.fromEntries([...totals].filter(([key]) => key.startsWith('endpoint ep_a')))).toEqual({
      'endpoint ep_a delivery total': 1,
      'endpoint ep_a delivery delivered': 1,
      'endpoint ep_a attempt total': 1,
      'endpoint ep_a attempt accepted': 1,
    });
    expect([
      totals.get('all  event planned'),
      totals.get('tenant acme event total'),
      totals.get('region local delivery delivered'),
    ]).toEqual([1, 1, 1]);
  });
});

describe('a fact that cannot be read', () => {
  it('becomes a problem and does not stop the others', () => {
    const rows = folded((log) => {
      log.poison();
      log.accepted(1);
    });
    expect(rows.problems.size).toBe(1);
    expect(eventIn(rows, 1)).toBeDefined();
  });
});

describe('any sequence of facts', () => {
  it('gives the same rows and counters however it is cut into batches', () => {
    fc.assert(
      fc.property(anyLog, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (log, lengths) => {
        const facts = log.messages.map(readFact);
        const whole = new MemoryRows();
        whole.apply(facts);
        const cutUp = new MemoryRows();
        for (const batch of cut(facts, lengths)) cutUp.apply(batch);
        expect(cutUp.snapshot()).toEqual(whole.snapshot());
      }),
    );
  });

  it('changes nothing when it is applied a second time', () => {
    fc.assert(
      fc.property(anyLog, (log) => {
        const facts = log.messages.map(readFact).filter(({ kind }) => kind !== 'problem');
        const rows = new MemoryRows();
        rows.apply(facts);
        const once = rows.snapshot();
        rows.apply(facts);
        expect(rows.snapshot()).toEqual(once);
      }),
    );
  });

  it('has counters that agree with its rows', () => {
    fc.assert(
      fc.property(anyLog, (log) => {
        const rows = new MemoryRows();
        for (const fact of log.messages.map(readFact)) rows.apply([fact]);
        expect(rows.totals.get('all  event total') ?? 0).toBe(rows.events.size);
        expect(rows.totals.get('all  delivery total') ?? 0).toBe(rows.deliveries.size);
        expect(rows.totals.get('all  attempt total') ?? 0).toBe(rows.attempts.size);
        const states = [...rows.deliveries.values()].map(({ state }) => state);
        for (const state of new Set(states))
          expect(rows.totals.get(`all  delivery ${state}`)).toBe(states.filter((other) => other === state).length);
      }),
    );
  });
});
