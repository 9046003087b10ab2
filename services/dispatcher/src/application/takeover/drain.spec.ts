import { describe, expect, it } from 'vitest';
import { Drain } from './drain.ts';

function drain() {
  const state = { waiting: 0, underWay: 0, isTaking: false, nowMs: 0, isClosed: false, cuts: 0 };
  const one = new Drain({
    backlog: async () => ({ waiting: state.waiting, underWay: state.underWay }),
    isTaking: () => state.isTaking,
    close: () => (state.isClosed = true),
    cut: () => (state.cuts += 1),
    nowMs: () => state.nowMs,
    timeoutMs: 60_000,
  });
  return { state, step: () => one.step(), one };
}

describe('letting go', () => {
  it('works off what waits, then closes, then waits until all is told', async () => {
    const { state, step, one } = drain();
    Object.assign(state, { waiting: 2, underWay: 1 });
    expect(await step()).toBe(false);
    expect(one.waitingFor).toBe('2 deliveries that wait and 1 attempts');
    expect(state.isClosed).toBe(false);
    Object.assign(state, { waiting: 0, underWay: 0 });
    expect(await step()).toBe(false);
    expect(state.isClosed).toBe(true);
    // Begun while it was being counted.
    state.underWay = 1;
    expect(await step()).toBe(false);
    state.underWay = 0;
    expect(await step()).toBe(true);
  });

  it('waits no longer than it may for what waits, but always for what is under way', async () => {
    const { state, step } = drain();
    Object.assign(state, { waiting: 9, underWay: 3, nowMs: 59_999 });
    await step();
    state.nowMs = 120_000;
    expect(await step()).toBe(false);
    expect(state.isClosed).toBe(true);
    state.nowMs += 19_999;
    expect([await step(), state.cuts]).toEqual([false, 0]);
    state.nowMs += 1;
    expect([await step(), state.cuts]).toEqual([false, 1]);
    state.underWay = 0;
    expect(await step()).toBe(true);
  });

  it('is not over while the region takes over from another one', async () => {
    const { state, step } = drain();
    state.isTaking = true;
    await step();
    expect(await step()).toBe(false);
    state.isTaking = false;
    expect(await step()).toBe(true);
  });
});
