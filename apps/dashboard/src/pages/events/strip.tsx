import type { ReactNode } from 'react';
import type { TimeScale } from './time-scale.ts';
import type { Bar, Lane, Phase } from './timeline.ts';

export interface StripProps {
  readonly scale: TimeScale;
  /** Points in time, in percent. */
  readonly marks?: readonly number[];
  readonly bars?: readonly Bar[];
  readonly waiting?: Lane['waiting'];
  /** Bars of another making. */
  readonly children?: ReactNode;
}

const across = (fromPct: number, toPct: number) => ({ left: `${fromPct}%`, width: `${toPct - fromPct}%` });

/** One line of the timeline. The same is told in words and in a table beside it, so it is hidden from who cannot see it. */
export const Strip = ({ scale, marks = [], bars = [], waiting, children }: StripProps) => (
  <div className="strip" aria-hidden="true">
    {scale.gaps.map(({ fromMs, fromPct, toPct }) => (
      <span key={fromMs} className="strip-gap" style={across(fromPct, toPct)} />
    ))}
    {waitsOf(marks, bars).map(([fromPct, toPct]) => (
      <span key={fromPct} className="strip-wait" style={across(fromPct, toPct)} />
    ))}
    {waiting === undefined ? null : (
      <>
        <span className="strip-wait" style={across(waiting.fromPct, waiting.nowPct)} />
        <span className="strip-wait next" style={across(waiting.nowPct, waiting.toPct)} />
        <span className="strip-now" style={{ left: `${waiting.nowPct}%` }} />
      </>
    )}
    {marks.map((pct) => (
      <span key={pct} className="strip-mark" style={{ left: `${pct}%` }} />
    ))}
    {bars.map(({ attempt, tone, fromPct, toPct, phases }) => (
      <span key={attempt.attempt} className={`strip-bar ${tone}`} style={across(fromPct, toPct)}>
        <Phases phases={phases} />
      </span>
    ))}
    {children}
  </div>
);

/** The parts of an attempt, each as wide as it took. */
export const Phases = ({ phases }: { readonly phases: readonly Phase[] }) => (
  <>
    {phases.map(({ kind, ms }) => (
      <span key={kind} className={kind} style={{ flexGrow: ms }} />
    ))}
  </>
);

/** From the last mark to the first attempt, and from each attempt to the next. */
function waitsOf(marks: readonly number[], bars: readonly Bar[]): [fromPct: number, toPct: number][] {
  const begin = marks.at(-1) ?? 0;
  return bars.map(({ fromPct }, index) => {
    const from = bars[index - 1]?.toPct ?? begin;
    return [Math.min(from, fromPct), fromPct];
  });
}
