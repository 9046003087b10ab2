import { describe, expect, it } from 'vitest';
import { pointInTime } from './point-in-time.ts';

const NOW = Date.UTC(2026, 10, 21, 12);

describe('a point in time', () => {
  it.each([
    ['2026-11-20', '2026-11-20T00:00:00.000Z'],
    ['2026-11-20T10:00Z', '2026-11-20T10:00:00.000Z'],
    ['2026-11-20T10:00:00.5+01:00', '2026-11-20T09:00:00.500Z'],
    ['90m', '2026-11-21T10:30:00.000Z'],
    ['24h', '2026-11-20T12:00:00.000Z'],
    ['7d', '2026-11-14T12:00:00.000Z'],
  ])('%s', (text, wanted) => {
    expect(new Date(pointInTime(text, NOW)).toISOString()).toBe(wanted);
  });

  it.each(['', 'yesterday', '2026-13-01', '5', '5w', '2026-11-20T10:00'])('%j is none', (text) => {
    expect(() => pointInTime(text, NOW)).toThrow(/is no time/);
  });
});
