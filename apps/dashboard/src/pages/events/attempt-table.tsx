import { spanText } from '../../parts/span-text.ts';
import { State } from '../../parts/state.tsx';
import { Time } from '../../parts/time.tsx';
import { attemptWords } from './attempt-words.ts';
import type { Attempt } from './event-story.ts';
import { Phases } from './strip.tsx';
import type { Bar, Phase } from './timeline.ts';

const PHASES: readonly (readonly [kind: Phase['kind'], name: string])[] = [
  ['connect', 'connecting'],
  ['wait', 'waiting'],
  ['read', 'reading'],
];

/** Every attempt of a delivery: when, how long each part took, what came of it. Bars in proportion to the longest one. */
export function AttemptTable({ bars }: { readonly bars: readonly Bar[] }) {
  const longestMs = Math.max(1, ...bars.map(({ attempt }) => attempt.durationMs));
  return (
    <div className="scroller" tabIndex={0} role="region" aria-label="Attempts">
      <table className="attempts">
        <thead>
          <tr>
            <th className="num">no.</th>
            <th>began</th>
            <th className="num">after</th>
            <th>took</th>
            {PHASES.map(([kind, name]) => (
              <th key={kind} className="num">
                {name}
              </th>
            ))}
            <th>outcome</th>
          </tr>
        </thead>
        <tbody>
          {bars.map((bar) => (
            <Row key={`${bar.attempt.attempt} ${bar.attempt.region}`} bar={bar} longestMs={longestMs} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ bar: { attempt, tone, phases, waitedMs }, longestMs }: { readonly bar: Bar; readonly longestMs: number }) {
  return (
    <>
      <tr>
        <th className="num">{attempt.attempt}</th>
        <td>
          <Time at={attempt.at} isShort />
        </td>
        <td className="num">{spanText(waitedMs)}</td>
        <td>
          <span className="took">
            <span className={`strip-bar ${tone}`} aria-hidden="true" style={{ width: `${(attempt.durationMs / longestMs) * 100}%` }}>
              <Phases phases={phases} />
            </span>
            {spanText(attempt.durationMs)}
          </span>
        </td>
        {PHASES.map(([kind]) => (
          <td key={kind} className="num quiet">
            {phaseText(phases, kind)}
          </td>
        ))}
        <td>
          <State value={attemptWords(attempt)} tone={tone} />
        </td>
      </tr>
      <Answer attempt={attempt} />
    </>
  );
}

/** What the receiver said, and what went wrong where it said nothing. Of a success nobody asks. */
function Answer({ attempt: { outcome, reason, detail, response } }: { readonly attempt: Attempt }) {
  const text = reason === 'http_status' ? null : detail;
  if (outcome === 'accepted' || (!text && !response)) return null;
  return (
    <tr className="answer">
      <td colSpan={8}>
        <div>
          {text} {response ? <pre className="code wrap">{response}</pre> : null}
        </div>
      </td>
    </tr>
  );
}

function phaseText(phases: readonly Phase[], kind: Phase['kind']): string {
  const phase = phases.find((one) => one.kind === kind);
  return phase === undefined ? '–' : spanText(phase.ms);
}
