import { useEffect, useState } from 'react';
import { spanText } from './span-text.ts';

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
