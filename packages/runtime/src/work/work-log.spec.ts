import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { type WorkLine, WorkLog } from './work-log.ts';

function logged(perSecond: number) {
  const lines: Record<string, unknown>[] = [];
  const clock = { nowMs: 10_000 };
  const logger = pino({ base: null, timestamp: false }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  return { lines, clock, log: new WorkLog(logger, { perSecond, nowMs: () => clock.nowMs }) };
}
const line: WorkLine = { work: 'attempt', outcome: 'delivered', durationMs: 3, eventId: 'evt_1' };

describe('lines about finished work', () => {
  it('say what was done and no more', () => {
    const { log, lines } = logged(1);
    log.done(line);
    expect(lines).toEqual([{ level: 30, event: 'work.attempt', outcome: 'delivered', durationMs: 3, eventId: 'evt_1' }]);
  });

  it('are so many in a second, and the next one tells how many were left out', () => {
    const { log, lines, clock } = logged(2);
    for (let n = 0; n < 5; n += 1) log.done(line);
    clock.nowMs += 1_000;
    log.done(line);
    log.done(line);
    expect(lines.map(({ untold }) => untold)).toEqual([undefined, undefined, 3, undefined]);
  });

  it('are never left out when the work failed', () => {
    const { log, lines } = logged(0);
    log.done(line);
    log.failed({ ...line, outcome: 'retry' });
    expect(lines).toMatchObject([{ level: 40, outcome: 'retry' }]);
  });
});
