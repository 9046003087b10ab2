import { expect, it } from 'vitest';
import { settledMsgId } from './dispatch-writes.ts';

it('stores what is said of a call in one instant word by word, and no word twice', () => {
  const said = { key: 'k', at: '2026-11-21T10:00:00.000Z' };
  const released = { kind: 'released', detail: 'refused' } as const;
  const [first, last] = [settledMsgId({ ...said, outcome: released }), settledMsgId({ ...said, outcome: { ...released, givenUp: true } })];
  expect(first).not.toBe(last);
  expect(settledMsgId({ ...said, outcome: { ...released, detail: 'again' } })).toBe(first);
});
