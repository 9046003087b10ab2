import { useEffect, useState } from 'react';

const local = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** A time as this browser's clock would show it; UTC when it is pointed at. */
export function Time({ at }: { readonly at: string | null | undefined }) {
  if (at === null || at === undefined) return <span className="quiet">–</span>;
  return (
    <time dateTime={at} title={`${at.replace('T', ' ').replace('Z', '')} UTC`}>
      {local.format(new Date(at))}
    </time>
  );
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** A span of ms in its largest unit, as `3 min`; under a second in ms. */
export function spanText(ms: number): string {
  const [unit, size] = UNITS.find(([, of]) => ms >= of) ?? ['ms', 1];
  const value = ms / size;
  return `${value < 10 && unit !== 'ms' ? Math.floor(value * 10) / 10 : Math.round(value)} ${unit}`;
}

/** How long ago something was, kept true by itself. */
export function Ago({ at }: { readonly at: string | null | undefined }) {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  if (at === null || at === undefined) return <span className="quiet">–</span>;
  return (
    <time dateTime={at} title={`${local.format(new Date(at))} · ${at} UTC`}>
      {spanText(Math.max(0, nowMs - Date.parse(at)))} ago
    </time>
  );
}
