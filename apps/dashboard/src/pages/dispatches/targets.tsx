import { Link } from 'wouter';
import { State } from '../../parts/state.tsx';
import { nameOf } from './answer.ts';
import { countsText } from './counts-text.ts';
import type { StartedRun, Story, Target } from './dispatch.ts';

/** Every target of a decision; the one that the page speaks of is marked. Each has an address of its own. */
export function Targets({ story, chosen }: { readonly story: Story; readonly chosen: Target | undefined }) {
  return (
    <section className="section" aria-labelledby="targets">
      <h2 id="targets">
        Targets <span className="quiet">{countsText(story.counts)}</span>
      </h2>
      <div className="scroller" tabIndex={0} role="region" aria-labelledby="targets">
        <table className="targets">
          <thead>
            <tr>
              <th>Target</th>
              <th>State</th>
              <th className="minor">Rule</th>
              <th>Reason</th>
              <th className="minor">Ref</th>
              <th className="minor">Run</th>
            </tr>
          </thead>
          <tbody>
            {story.targets.map((target) => (
              <TargetRow key={target.deliveryId} story={story} target={target} isChosen={target === chosen} />
            ))}
          </tbody>
        </table>
      </div>
      {story.complete ? null : <p className="quiet">There are more than are shown here.</p>}
    </section>
  );
}

interface TargetRowProps {
  readonly story: Story;
  readonly target: Target;
  readonly isChosen: boolean;
}

const TargetRow = ({ story, target, isChosen }: TargetRowProps) => (
  <tr aria-current={isChosen ? 'true' : undefined}>
    <td>
      <Link href={`/dispatches/${story.eventId}?target=${encodeURIComponent(target.deliveryId)}`}>{nameOf(target)}</Link>
    </td>
    <td>
      <State value={target.state} />
    </td>
    <td className="minor">{target.rule === null ? <span className="quiet">–</span> : <code>{target.rule}</code>}</td>
    <td>{target.reason?.replaceAll('_', ' ') ?? <span className="quiet">–</span>}</td>
    <td className="minor">{target.ref ?? <span className="quiet">–</span>}</td>
    <td className="minor">
      <RunOf run={target.run} />
    </td>
  </tr>
);

function RunOf({ run }: { readonly run: StartedRun | null }) {
  if (run === null) return <span className="quiet">–</span>;
  const name = `run ${run.id ?? '?'}`;
  return (
    <>
      {run.url === null ? (
        name
      ) : (
        <a href={run.url} target="_blank" rel="noreferrer">
          {name}
        </a>
      )}{' '}
      <span className="quiet">{run.endedAt === null ? 'has not ended' : (run.conclusion ?? 'no conclusion')}</span>
    </>
  );
}
