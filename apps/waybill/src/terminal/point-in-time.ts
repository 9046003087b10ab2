const ISO = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/;
const AGO = /^(\d+)(m|h|d)$/;
const MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A time as a person writes it: `2026-11-20`, `2026-11-20T10:00Z`, or how long ago, as `90m`, `24h` and `7d`. In ms since 1970; throws for anything else. */
export function pointInTime(text: string, nowMs: number): number {
  const [, count, unit] = AGO.exec(text) ?? [];
  if (unit === 'm' || unit === 'h' || unit === 'd') return nowMs - Number(count) * MS[unit];
  const ms = ISO.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw new TypeError(`"${text}" is no time; write 2026-11-20, 2026-11-20T10:00Z or 24h for a day ago`);
  return ms;
}
