import { expect, it } from 'vitest';
import { traceLink } from './trace-link.ts';

const ids = { traceId: 'abc', eventId: 'evt_1' };

it.each([
  ['https://tool/trace/{traceId}', ids, 'https://tool/trace/abc'],
  ['https://tool/?q={eventId}&t={traceId}&again={traceId}', ids, 'https://tool/?q=evt_1&t=abc&again=abc'],
  ['https://tool/{traceId}', { traceId: '../$&?', eventId: undefined }, 'https://tool/..%2F%24%26%3F'],
  ['https://tool/{eventId}', { traceId: 'abc', eventId: undefined }, undefined],
  ['https://tool/{traceId}', { traceId: '', eventId: 'evt_1' }, undefined],
  [undefined, ids, undefined],
])('of %s leads to it once its ids are known, and nowhere else', (template, known, link) => {
  expect(traceLink(template, known)).toBe(link);
});
