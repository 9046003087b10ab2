import { describe, expect, it } from 'vitest';
import { classifyResponse } from './classify-response.ts';
import { DEFAULT_MAX_RETRY_AFTER_MS } from './retry-after.ts';

const now = Date.parse('2026-11-21T10:00:00Z');
const classify = (status: number, retryAfter?: string) => classifyResponse({ status, retryAfter }, now, DEFAULT_MAX_RETRY_AFTER_MS);

describe('what an answer means', () => {
  it.each([200, 201, 202, 204, 299])('%i is success', (status) => {
    expect(classify(status)).toEqual({ kind: 'accepted', httpStatus: status });
  });

  it.each([300, 301, 302, 304, 307, 308])('%i is a redirect, a failure that may pass', (status) => {
    expect(classify(status)).toMatchObject({ kind: 'retryable', reason: 'redirect', httpStatus: status });
  });

  it('410 ends it', () => {
    expect(classify(410)).toMatchObject({ kind: 'rejected', reason: 'gone', httpStatus: 410 });
  });

  it.each([400, 401, 404, 409, 422, 429, 500, 502, 503, 504, 599, 600])('%i may pass', (status) => {
    expect(classify(status)).toMatchObject({ kind: 'retryable', reason: 'http_status', httpStatus: status });
  });
});

describe('Retry-After', () => {
  const waitOf = (status: number, value: string) => {
    const outcome = classify(status, value);
    return outcome.kind === 'retryable' ? outcome.retryAfterMs : undefined;
  };

  it.each([429, 502, 503, 504])('is honoured with %i', (status) => expect(waitOf(status, '120')).toBe(120_000));
  it.each([400, 500])('is not honoured with %i', (status) => expect(waitOf(status, '120')).toBeUndefined());
  it('may be an HTTP date', () => expect(waitOf(503, 'Sat, 21 Nov 2026 10:01:30 GMT')).toBe(90_000));
  it('is clamped to a day', () => {
    expect(waitOf(503, '999999999')).toBe(86_400_000);
    expect(waitOf(429, 'Sun, 21 Nov 2100 10:00:00 GMT')).toBe(86_400_000);
  });
  it.each(['soon', '-5', '1.5', '0', '', ' ', '1e9', '99999999999', '2026-11-22', 'Fri, 20 Nov 2026 10:00:00 GMT', 'Sat, garbage'])(
    'is ignored when it is "%s"',
    (value) => expect(waitOf(503, value)).toBeUndefined(),
  );
});
