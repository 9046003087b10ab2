import { describe, expect, it } from 'vitest';
import { AlertBook, type Episode, type SeenAlert } from './alert-book.ts';
import { judgeAlerts } from './judge-alerts.ts';

const CANARY = 'WaybillCanaryFailing{region="us"}';
const OUTAGE = 'WaybillRegionOutage{region="us"}';
const KILLED = 1_000_000;
const SERVES = KILLED + 600_000;
const moments = { killedMs: KILLED, servesMs: SERVES };
const pace = { intervalMs: 15_000, slackMs: 10_000 };
const episode = (alert: string, firingS: number, goneS?: number): Episode => ({
  alert,
  pendingMs: KILLED + firingS * 1_000,
  firingMs: KILLED + firingS * 1_000,
  ...(goneS === undefined ? {} : { goneMs: KILLED + goneS * 1_000 }),
});
const canary = episode(CANARY, 125, 360);
const outage = episode(OUTAGE, 350, 640);
const judged = (...episodes: Episode[]): string[] => judgeAlerts(episodes, 'us', moments, pace);

describe('what the loss of a region fires', () => {
  it('is as it should be when both alerts come and go in time, and others were pending only', () => {
    const pending = { alert: 'WaybillTargetDown{region="us"}', pendingMs: KILLED + 1_000, goneMs: KILLED + 20_000 };
    expect(judged(pending, canary, outage)).toEqual([]);
  });

  it.each([
    ['nothing fires', [], /did not fire: .*Canary.*\n.*did not fire: .*Outage/],
    ['one is missing', [canary], /did not fire: WaybillRegionOutage/],
    ['another one fires', [canary, outage, episode('WaybillDlqSpike{region="us"}', 200, 300)], /should not: WaybillDlqSpike/],
    ['one fires for the region that lives', [canary, outage, episode('WaybillCanaryFailing{region="eu"}', 130, 200)], /should not: .*"eu"/],
    ['one fires before', [episode(CANARY, -100, -50), canary, outage], /nothing was wrong: WaybillCanaryFailing/],
    ['one comes too early', [episode(CANARY, 80, 360), outage], /another time/],
    ['one comes too late', [canary, episode(OUTAGE, 400, 640)], /another time/],
    ['one fires again', [canary, outage, episode(CANARY, 640, 650)], /more than once/],
    ['one stays', [canary, episode(OUTAGE, 350)], /did not go in time: .*gone never/],
    ['one goes late', [canary, episode(OUTAGE, 350, 700)], /did not go in time/],
  ] as const)('is told when %s', (_, episodes, finding) => {
    expect(judged(...episodes).join('\n')).toMatch(finding);
  });
});

describe('the book of alerts', () => {
  const seen = (state: SeenAlert['state'], activeAtMs: number): SeenAlert => ({
    labels: { alertname: 'WaybillRegionOutage', severity: 'page', region: 'us' },
    state,
    activeAtMs,
  });

  it('tells when one was pending, firing and gone', () => {
    const book = new AlertBook();
    book.seen(10, [seen('pending', 5)]);
    book.seen(20, [seen('firing', 5)]);
    book.seen(30, [seen('firing', 5)]);
    expect(book.current).toEqual([{ alert: OUTAGE, pendingMs: 5, firingMs: 20 }]);
    book.seen(40, []);
    expect(book.episodes).toEqual([{ alert: OUTAGE, pendingMs: 5, firingMs: 20, goneMs: 40 }]);
    expect(book.current).toEqual([]);
  });

  it('tells one that went and came between two looks as two', () => {
    const book = new AlertBook();
    book.seen(10, [seen('firing', 5)]);
    book.seen(20, [seen('pending', 15)]);
    expect(book.episodes).toEqual([
      { alert: OUTAGE, pendingMs: 5, firingMs: 10, goneMs: 20 },
      { alert: OUTAGE, pendingMs: 15 },
    ]);
  });
});
