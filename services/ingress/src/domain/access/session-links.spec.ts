import { expect, it } from 'vitest';
import { SessionLinks } from './session-links.ts';

let made = 0;
const newToken = (): string => `token-${(made += 1)}`;
const ada = { role: 'operator', name: 'Ada' } as const;

it('signs in once', () => {
  const links = new SessionLinks(newToken);
  const { token } = links.make(ada, 0);
  expect(links.redeem(token, 1)).toEqual(ada);
  expect(links.redeem(token, 1)).toBeUndefined();
});

it('signs in for ten minutes', () => {
  const links = new SessionLinks(newToken);
  expect(links.redeem(links.make(ada, 0).token, 599_999)).toEqual(ada);
  expect(links.redeem(links.make(ada, 0).token, 600_000)).toBeUndefined();
  expect(links.redeem('never made', 0)).toBeUndefined();
});

it('keeps a thousand, and forgets the oldest', () => {
  const links = new SessionLinks(newToken);
  const tokens = Array.from({ length: 1_001 }, () => links.make(ada, 0).token);
  expect(links.redeem(tokens[0] ?? '', 1)).toBeUndefined();
  expect(links.redeem(tokens[1] ?? '', 1)).toEqual(ada);
});
