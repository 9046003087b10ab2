import { answerStatus, eventually, type Receiver, startReceiver } from '@waybill/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { followsAWebhook } from './main-path.fixture.ts';
import { OldVariablesStack } from './old-variables.fixture.ts';

/** `npm start` does the same with two regions: see there. */
describe('one region, configured with the old variables only', () => {
  let stack: OldVariablesStack;
  let receiver: Receiver;

  beforeAll(async () => {
    receiver = await startReceiver();
    stack = await OldVariablesStack.create();
    await stack.up();
  });
  afterAll(async () => {
    await stack.destroy();
    await receiver.close();
  });

  followsAWebhook(() => ({ stack, receiver }));

  it('continues after a stop, pending retries included', async () => {
    // Longer than stopping takes: the second attempt is to be made by the processes that come after.
    receiver.answerWith(answerStatus(503, { 'retry-after': '15' }));
    const id = (await stack.cli('send', '--tenant', 'main-path', '--type', 'order.paid')).stdout.trim();
    await eventually(() => receiver.requests.some(({ headers }) => headers['webhook-id'] === id));
    await eventually(async () => (await stack.cli('event', id)).stdout.includes('next attempt is due'));
    await stack.down();
    receiver.answerWith(answerStatus(204));
    expect(await stack.up()).toMatchObject({ code: 0 });
    await eventually(async () => (await stack.cli('event', id)).stdout.includes('delivered'), 60_000);
    expect((await stack.cli('event', id)).stdout).toMatch(/attempt 1: retryable 503[\s\S]*attempt 2: accepted 204/);
  });
});
