import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type LogRecord, readRecords, RecordLog } from './record-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'waybill-record-log-'));
afterAll(() => rmSync(folder, { recursive: true }));

const record = (n: number): LogRecord => ({ id: `evt_${String(n).padStart(26, '0')}`, tag: n % 65_536, first: n + 0.25, second: -n });

function saved(count: number): LogRecord[] {
  const log = new RecordLog();
  for (let n = 0; n < count; n += 1) log.add(record(n));
  const file = join(folder, `log-${count}`);
  log.save(file);
  return [...readRecords(file)];
}

describe('a log of records', () => {
  it.each([0, 1, 16_384, 40_000])('gives back all of %d records', (count) => {
    const records = saved(count);
    expect(records.length).toBe(count);
    expect(records.every((one, n) => JSON.stringify(one) === JSON.stringify(record(n)))).toBe(true);
  });

  it('refuses what is no event id', () => {
    expect(() => new RecordLog().add({ ...record(1), id: 'evt_1' })).toThrow(/evt_1/);
  });
});
