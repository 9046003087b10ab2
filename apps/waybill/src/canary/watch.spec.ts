import { describe, expect, it } from 'vitest';
import { DELIVERY_BUDGET_MS, type Outcome, Watch } from './watch.ts';

function watching(awaitsDelivery: boolean) {
  const clock = { nowMs: 1_000 };
  const ended: Outcome[] = [];
  const watch = new Watch({ awaitsDelivery, nowMs: () => clock.nowMs, ended: (outcome) => ended.push(outcome) });
  watch.sent('a', 'us');
  const after = (ms: number): Watch => {
    clock.nowMs += ms;
    return watch;
  };
  return { ended, after };
}

describe('what becomes of a canary event', () => {
  it('is accepted, where nobody waits for the delivery', () => {
    const { ended, after } = watching(false);
    after(12).answered('a', { status: 202, eventId: 'evt_1' });
    expect(ended).toEqual([{ region: 'us', result: 'accepted', ackMs: 12, status: 202, eventId: 'evt_1', deliveryMs: undefined }]);
  });

  it('is delivered when it arrives after the answer', () => {
    const { ended, after } = watching(true);
    after(10).answered('a', { status: 202 });
    expect(ended).toEqual([]);
    after(20).arrived('a');
    expect(ended).toMatchObject([{ result: 'delivered', ackMs: 10, deliveryMs: 30 }]);
  });

  it('is delivered when it arrives before the answer, and a repeat changes nothing', () => {
    const { ended, after } = watching(true);
    after(10).arrived('a');
    after(1).arrived('a');
    after(20).answered('a', { status: 202 });
    after(5).arrived('a');
    expect(ended).toMatchObject([{ result: 'delivered', ackMs: 31, deliveryMs: 10 }]);
  });

  it.each([
    ['says no', { status: 503, reason: 'WB_LOG_FULL' }],
    ['does not answer', { status: 0, reason: 'TimeoutError' }],
    ['sends it elsewhere', { status: 302 }],
  ])('is refused when the door %s, even if it arrives later', (_, answer) => {
    const { ended, after } = watching(true);
    after(5_000).answered('a', answer);
    after(1).arrived('a');
    expect(ended).toEqual([{ region: 'us', result: 'refused', ackMs: 5_000, deliveryMs: undefined, ...answer }]);
  });

  it('is lost when it was accepted and does not arrive in time, however late it comes', () => {
    const { ended, after } = watching(true);
    after(10).answered('a', { status: 202 });
    after(DELIVERY_BUDGET_MS - 10).giveUpLate();
    expect(ended).toEqual([]);
    after(1).giveUpLate();
    after(1).arrived('a');
    expect(ended).toMatchObject([{ region: 'us', result: 'lost' }]);
  });
});
