import { expect, it } from 'vitest';
import { worstWaiting } from './worst-waiting.ts';

it('names the endpoints where most wait, and counts all others as one', () => {
  const all = [3, 1, 2, 5].map((waiting, n) => ({ endpointId: `ep_${n}`, waiting }));
  expect(worstWaiting([...all, { endpointId: 'other', waiting: 100 }], 2)).toEqual([
    { endpointId: 'ep_3', waiting: 5 },
    { endpointId: 'ep_0', waiting: 3 },
    { endpointId: 'other', waiting: 103 },
  ]);
  expect(worstWaiting([], 20)).toEqual([{ endpointId: 'other', waiting: 0 }]);
});
