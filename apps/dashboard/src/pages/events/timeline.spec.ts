import { describe, expect, it } from 'vitest';
import { aDelivery, aStory, attemptAt, isoAt, START_MS } from './story.fixture.ts';
import { phasesOf, timelineOf } from './timeline.ts';

const later = START_MS + 3_600_000;

describe('timelineOf', () => {
  it('puts what was accepted, planned and tried at its place', () => {
    const story = aStory([aDelivery({ state: 'delivered', history: [attemptAt(20, { durationMs: 80 })] })]);
    const { acceptedPct, plannedPct, lanes } = timelineOf(story, later);
    const [bar] = lanes[0]?.bars ?? [];
    expect([acceptedPct, plannedPct, bar?.fromPct, bar?.toPct, bar?.waitedMs]).toEqual([0, 10, 20, 100, 10]);
    expect(lanes[0]?.waiting).toBeUndefined();
  });

  it('shows a delivery without an end as waiting until now, and until its next attempt', () => {
    const delivery = aDelivery({ state: 'retrying', history: [attemptAt(20)], nextAttemptAt: isoAt(60_000) });
    const { scale, lanes } = timelineOf(aStory([delivery]), START_MS + 30_000);
    const { fromPct = 0, nowPct = 0, toPct = 0 } = lanes[0]?.waiting ?? {};
    expect(fromPct).toBe(lanes[0]?.bars[0]?.toPct);
    expect(nowPct).toBeGreaterThan(fromPct);
    expect(toPct).toBeGreaterThan(nowPct);
    expect(scale.toMs).toBe(START_MS + 60_000);
  });

  it('measures waits from the end of the attempt before, and from the plan of the job that made it', () => {
    const plans = [...aStory([]).plans, { region: 'eu', plannedIn: 'eu', at: isoAt(5_000), jobId: 'job_1' }];
    const [first, made] = [
      aDelivery({ state: 'superseded', history: [attemptAt(20), attemptAt(1_000, { attempt: 2 })] }),
      aDelivery({ id: 'dlv_2', state: 'delivered', jobId: 'job_1', history: [attemptAt(5_030)] }),
    ];
    const { lanes } = timelineOf(aStory([first, made], { plans }), later);
    expect(lanes.map(({ bars }) => bars.map(({ waitedMs }) => waitedMs))).toEqual([[30], [10, 880]]);
  });

  it('shows what needs attention first', () => {
    const states = ['delivered', 'planned', 'dead_lettered', 'retrying'] as const;
    const { lanes } = timelineOf(aStory(states.map((state) => aDelivery({ id: state, state }))), later);
    expect(lanes.map(({ delivery }) => delivery.id)).toEqual(['dead_lettered', 'retrying', 'planned', 'delivered']);
  });

  it('lays out an event that nobody has planned', () => {
    expect(timelineOf(aStory([], { plans: [], state: 'accepted' }), later)).toMatchObject({ plannedPct: undefined, lanes: [] });
  });
});

describe('phasesOf', () => {
  it.each([
    [
      { connectMs: 20, firstByteMs: 90 },
      { connect: 20, wait: 70, read: 10 },
    ],
    [{ firstByteMs: 40 }, { wait: 40, read: 60 }],
    [{ connectMs: 100 }, { connect: 100 }],
    [{ connectMs: 30 }, { connect: 30, wait: 70 }],
    [{ connectMs: 150, firstByteMs: 120 }, { connect: 100 }],
    [{}, { whole: 100 }],
  ])('takes %j apart; its parts are the whole', (measured, parts) => {
    const phases = phasesOf(attemptAt(0, measured));
    expect(Object.fromEntries(phases.map(({ kind, ms }) => [kind, ms]))).toEqual(parts);
    expect(phases.reduce((sum, { ms }) => sum + ms, 0)).toBe(100);
  });
});
