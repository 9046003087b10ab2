import { describe, expect, it } from 'vitest';
import { dispatchDecidedSchema } from '../dispatch/facts.ts';
import { sample } from '../testing/sample.ts';
import { deliveryAttemptedSchema, deliveryRefusedSchema, eventRefusedSchema, planHeadSchema } from './facts.ts';

describe('facts that were stored once', () => {
  it.each([
    ['plan-made-v1', planHeadSchema],
    ['event-refused-v1', eventRefusedSchema],
    ['delivery-attempted-v1', deliveryAttemptedSchema],
    ['delivery-attempted-v1-phases', deliveryAttemptedSchema],
    ['delivery-refused-v1', deliveryRefusedSchema],
    ['dispatch-decided-v1', dispatchDecidedSchema],
    ['dispatch-decided-v1-files', dispatchDecidedSchema],
  ] as const)('%s is read back whole', (name, schema) => {
    expect(schema.parse(sample(name))).toEqual(sample(name));
  });

  it('refuses a reason that is not on the closed list', () => {
    const fact = sample('delivery-refused-v1');
    expect(deliveryRefusedSchema.safeParse({ ...fact, next: { kind: 'dead_lettered', reason: 'bad luck' } }).success).toBe(false);
  });
});
