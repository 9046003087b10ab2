import { describe, expect, it } from 'vitest';
import { ERRORS, isWaybillError, problemOf, WaybillError } from './errors.ts';

describe('public errors', () => {
  it.each(Object.entries(ERRORS))('%s tells what to do, and whether to try again', (_code, spec) => {
    expect(spec.remedy).toMatch(/[.]$/);
    expect(spec.status).toBeGreaterThanOrEqual(400);
    // A client must know from the status alone that 503 and 429 pass.
    expect(spec.retryable || (spec.status !== 503 && spec.status !== 429)).toBe(true);
  });

  it('become problem documents with a stable code, the detail and the extra members', () => {
    const error = new WaybillError('WB_SCHEMA_VIOLATION', 'two fields', { extra: { errors: [{ path: 'data' }] } });
    expect(problemOf(error)).toMatchObject({ status: 422, code: 'WB_SCHEMA_VIOLATION', detail: 'two fields', errors: [{ path: 'data' }] });
  });

  it('are recognised by shape, and keep their cause', () => {
    const cause = new Error('socket');
    expect(isWaybillError(Object.assign(new Error('x'), { name: 'WaybillError', code: 'WB_NATS_AWAY' }))).toBe(true);
    expect(isWaybillError(new Error('x'))).toBe(false);
    expect(new WaybillError('WB_NATS_AWAY', 'gone', { cause }).cause).toBe(cause);
  });
});
