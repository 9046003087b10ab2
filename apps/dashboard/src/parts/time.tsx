import { useNow } from './now.ts';
import { spanText } from './span-text.ts';

const local = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const ofDay = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const ofYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });

const NONE = <span className="quiet">–</span>;
const utcText = (at: string): string => `${at.replace('T', ' ').replace('Z', '')} UTC`;

export interface TimeProps {
  readonly at: string | null | undefined;
  /** Of a list: the time of day alone when it was today, and no seconds when it was not. */
  readonly isShort?: boolean;
}

/** A time as this browser's clock would show it; UTC when it is pointed at. */
export function Time({ at, isShort = false }: TimeProps) {
  if (at === null || at === undefined) return NONE;
  const date = new Date(at);
  const isToday = date.toDateString() === new Date().toDateString();
  return (
    <time dateTime={at} title={utcText(at)}>
      {(isShort ? (isToday ? ofDay : ofYear) : local).format(date)}
    </time>
  );
}

/** How long ago something was, kept true by itself; when it will be, when that is still to come. */
export function Ago({ at }: { readonly at: string | null | undefined }) {
  const nowMs = useNow();
  if (at === null || at === undefined) return NONE;
  const agoMs = nowMs - Date.parse(at);
  return (
    <time dateTime={at} title={`${local.format(new Date(at))} · ${utcText(at)}`}>
      {agoMs <= -1_000 ? `in ${spanText(-agoMs)}` : `${spanText(Math.max(0, agoMs))} ago`}
    </time>
  );
}
