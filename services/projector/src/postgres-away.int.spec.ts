import { findPostgres, startPostgres } from '@waybill/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { REGION, Region } from './testing/running-projector.ts';
import { SampleLog } from './testing/sample-facts.ts';
import { addEvents, expectTotalsOf } from './testing/whole-events.ts';

let region: Region;
beforeEach(async () => {
  region = await Region.open();
});
afterEach(() => region.close());

describe('the projector on PostgreSQL', () => {
  it('waits for PostgreSQL and says so, and goes on', async (ctx) => {
    const found = await findPostgres();
    if ('missing' in found) return ctx.skip(found.missing);
    const postgres = await startPostgres(found);
    try {
      const log = new SampleLog(REGION);
      addEvents(log, 0, 2);
      await region.publish(log);
      await region.start({ DATABASE_URL: postgres.url });
      await region.caughtUp(log.messages.length);
      await postgres.kill();
      addEvents(log, 2, 2);
      await region.publish(log);
      await region.healthSays(/waiting: /);
      expect(await region.get('/v1/events')).toMatchObject({ status: 503, body: { code: 'WB_PROJECTOR_AWAY' } });
      await postgres.restart();
      await region.caughtUp(log.messages.length);
      await expectTotalsOf(region, log);
    } finally {
      await region.stop();
      await postgres.cleanup();
    }
  });
});
