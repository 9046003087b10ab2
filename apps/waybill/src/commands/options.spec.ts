import { expect, it } from 'vitest';
import { timeIn } from './options.ts';

it.each([
  ['2026-01-31T09:30:00Z', '2026-01-31T09:30:00.000Z'],
  ['2026-01-31T09:30:00.5+02:00', '2026-01-31T07:30:00.500Z'],
  ['2026-01-31', '2026-01-31T00:00:00.000Z'],
])('takes %s as a time', (text, time) => expect(timeIn(text)).toBe(time));

it.each(['yesterday', '', '5', '2026-13-01', '2026-01-31T25:00:00Z'])('refuses "%s" with an example', (text) =>
  expect(() => timeIn(text)).toThrow('2026-01-31T09:30:00Z'),
);
