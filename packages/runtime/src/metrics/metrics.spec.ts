import { describe, expect, it, vi } from 'vitest';
import { Metrics } from './metrics.ts';

const lag = { labels: { region: 'local', stream: 'log' }, value: 3 };

describe('a gauge', () => {
  it('is left out while it cannot be read, and does not keep the others back', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    const metrics = new Metrics({ isOn: true });
    metrics.gauge('waybill_dlq_depth', () => new Promise(() => undefined));
    metrics.gauge('waybill_pending_deliveries', () => {
      throw new Error('the database does not answer');
    });
    metrics.gauge('waybill_projection_lag_messages', () => [lag]);
    const text = metrics.text();
    await vi.advanceTimersByTimeAsync(1_000);
    vi.useRealTimers();
    const samples = (await text).split('\n').filter((line) => line.startsWith('waybill_'));
    expect(samples).toEqual(['waybill_projection_lag_messages{region="local",stream="log"} 3']);
  });

  it('is read once for those who look at the same time', async () => {
    const metrics = new Metrics({ isOn: true });
    const { promise, resolve } = Promise.withResolvers<(typeof lag)[]>();
    const read = vi.fn(() => promise);
    metrics.gauge('waybill_projection_lag_messages', read);
    const looks = [metrics.text(), metrics.text()];
    resolve([lag]);
    for (const text of await Promise.all(looks)) expect(text).toContain('stream="log"} 3');
    expect(read).toHaveBeenCalledTimes(1);
    await metrics.text();
    expect(read).toHaveBeenCalledTimes(2);
  });
});
