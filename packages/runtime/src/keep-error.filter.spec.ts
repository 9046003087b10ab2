import { WaybillError } from '@waybill/contracts';
import { describe, expect, it } from 'vitest';
import { toWaybillError } from './keep-error.filter.ts';

describe('errors on their way out', () => {
  it('keep what they are', () => {
    const error = new WaybillError('WB_CONFLICT', 'again');
    expect(toWaybillError(error)).toBe(error);
  });

  it.each([
    [404, 'WB_NOT_FOUND'],
    [405, 'WB_METHOD_NOT_ALLOWED'],
    [408, 'WB_REQUEST_TIMEOUT'],
    [413, 'WB_BODY_TOO_LARGE'],
    [415, 'WB_MEDIA_TYPE'],
    [400, 'WB_BAD_REQUEST'],
    [500, 'WB_INTERNAL'],
  ])('of the framework with status %i become %s', (statusCode, code) => {
    expect(toWaybillError(Object.assign(new Error('x'), { statusCode })).code).toBe(code);
  });

  it('that nobody expected say nothing of the inside', () => {
    const told = toWaybillError(new Error('password=hunter2 at line 7'));
    expect(told.code).toBe('WB_INTERNAL');
    expect(told.message).not.toContain('hunter2');
  });
});
