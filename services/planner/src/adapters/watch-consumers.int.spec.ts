import { CONSUMERS, streamNames } from '@waybill/contracts';
import { Health, Lifecycle } from '@waybill/runtime';
import { startNats } from '@waybill/testkit';
import { connectBus } from '@waybill/transport';
import { expect, it, vi } from 'vitest';
import { watchConsumers } from './watch-consumers.ts';

it('says what is not provisioned, and what to do', async () => {
  const nats = await startNats({ region: 'us' });
  const bus = await connectBus({ servers: nats.url, name: 'test' });
  const [health, lifecycle] = [new Health(), new Lifecycle()];
  watchConsumers({ bus, region: 'us', health, lifecycle });
  const saying = (status: string, detail?: unknown): Promise<void> =>
    vi.waitFor(
      () =>
        expect(health.report()).toEqual({
          status,
          dependencies: { consumers: detail === undefined ? { ok: true } : { ok: false, detail } },
        }),
      { timeout: 30_000 },
    );
  await saying('ready');
  await bus.jsm.consumers.delete(streamNames('us').log, CONSUMERS.plannerRuns);
  await saying('not_ready', expect.stringMatching(/consumer planner_runs on LOG_US is missing: run "waybill provision"/));
  await lifecycle.drain(5_000);
  await bus.close();
  await nats.cleanup();
});
