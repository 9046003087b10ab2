const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** A span of ms in its largest unit, as `3 min`, never rounded up; under a second in ms. */
export function spanText(ms: number): string {
  const [unit, size] = UNITS.find(([, of]) => ms >= of) ?? ['ms', 1];
  const value = ms / size;
  return `${value < 10 && unit !== 'ms' ? Math.floor(value * 10) / 10 : Math.floor(value)} ${unit}`;
}
