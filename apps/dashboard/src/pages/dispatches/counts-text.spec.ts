import { expect, it } from 'vitest';
import { countsText } from './counts-text.ts';

const none = { targets: 0, allowed: 0, denied: 0, started: 0, failed: 0, unknown: 0, ended: 0 };

it.each([
  [{}, 'no target'],
  [{ targets: 1 }, '1 target'],
  [{ targets: 1, started: 1 }, '1 started'],
  [{ targets: 3, started: 1, denied: 2 }, '1 started, 2 denied of 3'],
  [{ targets: 2, unknown: 1 }, '1 not known yet of 2'],
])('%o is told as %s', (counts, text) => {
  expect(countsText({ ...none, ...counts })).toBe(text);
});
