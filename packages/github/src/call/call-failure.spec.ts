import { describe, expect, it } from 'vitest';
import { callFailure } from './call-failure.ts';

const failed = (cause: unknown): Error => new Error('fetch failed with ghs_secret', { cause: new TypeError('fetch failed', { cause }) });
const coded = (code: string, syscall?: string): Error => Object.assign(new Error(`${code} ghs_secret`), { code, syscall });

describe('a call without an answer', () => {
  it.each([
    [coded('ECONNREFUSED', 'connect')],
    [coded('ENOTFOUND', 'getaddrinfo')],
    [coded('ETIMEDOUT', 'connect')],
    [coded('UND_ERR_CONNECT_TIMEOUT')],
    [Object.assign(new AggregateError([coded('ECONNREFUSED', 'connect')]), { code: 'ECONNREFUSED' })],
  ])('sent nothing after %s', (cause) => {
    expect(callFailure(failed(cause))).toMatchObject({ kind: 'unreached' });
  });

  it.each([
    [coded('ECONNRESET', 'read'), 'ECONNRESET'],
    [coded('ETIMEDOUT', 'read'), 'ETIMEDOUT'],
    [coded('UND_ERR_SOCKET'), 'UND_ERR_SOCKET'],
    [new DOMException('too long', 'TimeoutError'), 'no answer in time'],
    [new DOMException('stop', 'AbortError'), 'cut off'],
    ['what', 'no answer'],
    [undefined, 'no answer'],
  ])('may have been done after %s', (cause, detail) => {
    expect(callFailure(failed(cause))).toEqual({ kind: 'lost', detail });
  });
});
