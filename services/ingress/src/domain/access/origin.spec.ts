import { expect, it } from 'vitest';
import { originOf } from './origin.ts';

const host = '127.0.0.1:8080';
const from = (headers: Record<string, string>) => originOf((name) => ({ host, ...headers })[name]);

it.each([
  [{ 'sec-fetch-site': 'same-origin' }, 'here'],
  // A proxy may have put its own name for this server into Host.
  [{ 'sec-fetch-site': 'same-origin', origin: 'https://waybill.example' }, 'here'],
  [{ origin: `http://${host}` }, 'here'],
  [{ origin: `https://${host}` }, 'here'],
  [{ 'sec-fetch-site': 'none' }, 'unsaid'],
  [{}, 'unsaid'],
  // Another port is the same site, and another origin.
  [{ 'sec-fetch-site': 'same-site', origin: `http://${host}` }, 'elsewhere'],
  [{ 'sec-fetch-site': 'cross-site' }, 'elsewhere'],
  [{ 'sec-fetch-site': '' }, 'elsewhere'],
  [{ origin: 'http://127.0.0.1:8090' }, 'elsewhere'],
  [{ origin: `http://${host}.evil.example` }, 'elsewhere'],
  [{ origin: 'null' }, 'elsewhere'],
  [{ origin: '' }, 'elsewhere'],
])('%o is %s', (headers, origin) => {
  expect(from(headers)).toBe(origin);
});

it('is elsewhere without a host', () => {
  expect(originOf((name) => (name === 'origin' ? 'http://undefined' : undefined))).toBe('elsewhere');
});
