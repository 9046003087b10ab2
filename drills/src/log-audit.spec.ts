import { describe, expect, it } from 'vitest';
import { LogAuditor } from './log-audit.ts';

/** One event with two deliveries that both ended. */
function soundLog(): LogAuditor {
  const auditor = new LogAuditor();
  auditor.accepted('e1', 'k1');
  auditor.planned('e1', ['d1', 'd2']);
  auditor.attempted('d1', 'retry');
  auditor.attempted('d1', 'delivered');
  auditor.attempted('d2', 'dead_lettered');
  return auditor;
}

describe('the audit of a LOG', () => {
  it('has nothing to say of a sound one', () => {
    const { attempts, ends, ...lists } = soundLog().audit();
    expect([...ends]).toEqual([
      ['d1', ['delivered']],
      ['d2', ['dead_lettered']],
    ]);
    expect(attempts).toBe(3);
    expect({ ...lists, accepted: [...lists.accepted] }).toEqual({
      accepted: ['e1'],
      sameKey: [],
      withoutPlan: [],
      plannedTwice: [],
      withoutEnd: [],
      endedTwice: [],
      unplanned: [],
    });
  });

  it('finds an event without a plan', () => {
    const auditor = soundLog();
    auditor.accepted('e2', 'k2');
    expect(auditor.audit().withoutPlan).toEqual(['e2']);
  });

  it('takes a refusal, or a plan without deliveries, for an end of the event', () => {
    const auditor = soundLog();
    auditor.accepted('e2', '');
    auditor.planned('e2', []);
    expect(auditor.audit()).toMatchObject({ withoutPlan: [], withoutEnd: [] });
  });

  it('finds an event that was planned twice', () => {
    const auditor = soundLog();
    auditor.planned('e1', ['d1', 'd2']);
    expect(auditor.audit().plannedTwice).toEqual(['e1']);
  });

  it('finds deliveries with no end and with two', () => {
    const auditor = soundLog();
    auditor.accepted('e2', 'k2');
    auditor.planned('e2', ['d3']);
    auditor.attempted('d3', 'retry');
    auditor.attempted('d1', 'delivered');
    expect(auditor.audit()).toMatchObject({ withoutEnd: ['d3'], endedTwice: ['d1'] });
  });

  it('finds an attempt that no plan names', () => {
    const auditor = soundLog();
    auditor.attempted('d9', 'delivered');
    expect(auditor.audit().unplanned).toEqual(['d9']);
  });

  it('finds two events under one key, and allows any number without one', () => {
    const auditor = soundLog();
    auditor.accepted('e2', 'k1');
    auditor.accepted('e3', '');
    auditor.accepted('e4', '');
    expect(auditor.audit().sameKey).toEqual(['e2']);
  });
});
