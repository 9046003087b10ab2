const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1e3, m: 6e4, h: 36e5, d: 864e5, w: 6048e5, y: 31_536e6 };
/** As Prometheus writes it: `90s`, `1h30m`. */
const DURATION = String.raw`(?:\d+(?:ms|[smhdwy]))+`;

/** `for:`, `keep_firing_for:` and `interval:`, alone on their line. */
const FIELD = new RegExp(String.raw`^(\s*(?:for|keep_firing_for|interval):\s+)(${DURATION})(\s*)$`, 'gm');
/** `[5m]`, `[1h:15s]`. */
const RANGE = new RegExp(String.raw`\[(${DURATION})(?::(${DURATION})?)?\]`, 'g');
const OFFSET = new RegExp(String.raw`(\boffset\s+-?)(${DURATION})`, 'g');
/** An age by the clock of Prometheus is compared with seconds: `time() - x > 120`. */
const AGE = /(\btime\(\) - [^<>=\n]+[<>]=? )(\d+(?:\.\d+)?)\b/g;

/** A duration of Prometheus in ms. Throws a RangeError for anything else. */
export function durationMs(text: string): number {
  if (!new RegExp(`^${DURATION}$`).test(text)) throw new RangeError(`"${text}" is no duration`);
  return [...text.matchAll(/(\d+)(ms|[smhdwy])/g)].reduce((sum, [, count = '', unit = '']) => sum + Number(count) * (UNITS[unit] ?? 0), 0);
}

/**
 * The same rules on a faster clock: every range, offset, `for` and age is a `factor`th of what it was, in whole ms. What services tell in seconds by their own clock is
 * left alone, for that runs as before. The text is changed where these stand, and nowhere else.
 */
export function scaleRules(rules: string, factor: number): string {
  const scaled = (text: string): string => `${Math.max(1, Math.round(durationMs(text) / factor))}ms`;
  return rules
    .replaceAll(FIELD, (_, field: string, text: string, end: string) => `${field}${scaled(text)}${end}`)
    .replaceAll(RANGE, (whole: string, range: string, step: string | undefined) =>
      whole.includes(':') ? `[${scaled(range)}:${step === undefined ? '' : scaled(step)}]` : `[${scaled(range)}]`,
    )
    .replaceAll(OFFSET, (_, before: string, text: string) => `${before}${scaled(text)}`)
    .replaceAll(AGE, (_, before: string, seconds: string) => `${before}${Number(seconds) / factor}`);
}
