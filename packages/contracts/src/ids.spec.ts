import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deliveryIdOf, type EndpointId, newEndpointId, newEventId, timeOfId } from './ids.ts';

const random = fc.uint8Array({ minLength: 10, maxLength: 10 });
const time = fc.integer({ min: 0, max: 2 ** 45 });

describe('ids', () => {
  it('sort by time, whatever the randomness', () => {
    fc.assert(
      fc.property(time, time, random, random, (a, b, first, second) => {
        fc.pre(a < b);
        expect(newEventId(a, first) < newEventId(b, second)).toBe(true);
      }),
    );
  });

  it('differ when the randomness differs', () => {
    fc.assert(fc.property(time, random, random, (at, a, b) => (newEventId(at, a) === newEventId(at, b)) === (Buffer.compare(a, b) === 0)));
  });

  it('say what they are and fit into subjects and paths', () => {
    expect(newEventId(1_790_000_000_000, new Uint8Array(10))).toMatch(/^evt_[0-9a-z]{26}$/);
    expect(newEndpointId(1_790_000_000_000, new Uint8Array(10).fill(255))).toMatch(/^ep_[0-9a-z]{26}$/);
  });

  it('tell when they were made', () => {
    fc.assert(fc.property(time, random, (at, bytes) => timeOfId(newEventId(at, bytes)) === at));
    expect(timeOfId(deliveryIdOf(newEventId(1_700_000_000_123, new Uint8Array(10)), 'ep_1' as EndpointId))).toBe(1_700_000_000_123);
    for (const id of ['', 'evt_1', 'evt_iiiiiiiiii0000000000000000', 'dlv_01hzzzzzzzzzzzz']) expect(timeOfId(id)).toBeUndefined();
  });

  it('names the same delivery for the same event and endpoint, and another for another', () => {
    const event = newEventId(1, new Uint8Array(10));
    const one = deliveryIdOf(event, 'ep_1' as EndpointId);
    expect(deliveryIdOf(event, 'ep_1' as EndpointId)).toBe(one);
    expect(deliveryIdOf(event, 'ep_2' as EndpointId)).not.toBe(one);
    expect(one).toMatch(/^dlv_[0-9a-z]+$/);
  });
});
