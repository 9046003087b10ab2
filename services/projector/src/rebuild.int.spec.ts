import { eventually } from '@waybill/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { REGION, Region } from './testing/running-projector.ts';
import { SampleLog } from './testing/sample-facts.ts';
import { addEvents, expectTotalsOf } from './testing/whole-events.ts';

const statusSchema = z.object({
  serving: z.object({
    generation: z.number(),
    ok: z.boolean(),
    streams: z.array(z.object({ stream: z.string(), checkpoint: z.number(), completeSince: z.string().nullable() })),
  }),
  build: z.object({ generation: z.number(), facts: z.object({ read: z.number(), total: z.number() }) }).nullable(),
  last: z
    .object({
      outcome: z.string(),
      detail: z.string().nullable(),
      facts: z.number().nullable(),
      completeSince: z.string().nullable(),
      comparison: z.object({ rows: z.number(), differences: z.array(z.record(z.string(), z.unknown())) }).nullable(),
    })
    .nullable(),
});

let region: Region;
beforeEach(async () => {
  region = await Region.open();
});
afterEach(() => region.close());

const status = async () => statusSchema.parse((await region.get('/v1/projections')).body);

/** Waits until a build is over, and tells what came of it. */
async function built() {
  await eventually(async () => (await status()).build === null);
  return status();
}

describe('rebuilding', () => {
  it('builds the next generation and swaps it in', async () => {
    const log = new SampleLog(REGION);
    addEvents(log, 0, 50);
    await region.publish(log);
    await region.start();
    await region.caughtUp(log.messages.length);
    expect((await region.post('/v1/projections/rebuild')).status).toBe(202);
    expect(await built()).toMatchObject({ serving: { generation: 1 }, last: { outcome: 'serving', facts: log.messages.length } });
    await expectTotalsOf(region, log);
    expect((await region.post('/v1/projections/verify')).status).toBe(202);
    expect((await built()).last).toMatchObject({ outcome: 'compared', comparison: { differences: [] } });
  });
});
