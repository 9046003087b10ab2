import { Link } from 'wouter';
import { Loaded } from '../../parts/loaded.tsx';
import { Page } from '../../parts/page.tsx';
import { useUrlState } from '../../parts/url-state.ts';
import { AnswerNote } from './answer-note.tsx';
import { answerOf, firstToShow, skipAnswer, warningText } from './answer.ts';
import { Chain } from './chain.tsx';
import { DispatchAgain } from './dispatch-again.tsx';
import { githubOf, type Story, type Target, useDispatch } from './dispatch.ts';
import './dispatches.css';
import { sourceSide, targetSide } from './file-marks.ts';
import { FileSide } from './file-text.tsx';
import { RunFacts } from './run-facts.tsx';
import { Targets } from './targets.tsx';

/** What one finished run led to: the answer in one sentence, the target it is about, both files, and how it goes on. */
export function DispatchPage({ id }: { readonly id: string }) {
  const query = useDispatch(id);
  const title = query.data === undefined ? 'Dispatch' : `${query.data.workflow} of ${query.data.repository}`;
  return (
    <Page
      title={title}
      actions={
        <Link href={`/events/${id}`} className="button">
          Its event
        </Link>
      }
    >
      <Loaded query={query}>{(story) => <Decision story={story} />}</Loaded>
    </Page>
  );
}

function Decision({ story }: { readonly story: Story }) {
  const [values] = useUrlState();
  const wanted = values.get('target');
  const target = story.targets.find(({ deliveryId }) => deliveryId === wanted) ?? firstToShow(story.targets);
  const answer = target === undefined ? skipAnswer(story) : answerOf(story, target);
  return (
    <>
      {answer === undefined ? null : (
        <AnswerNote answer={answer} rule={target?.rule ?? null} story={story}>
          {target === undefined ? null : <DispatchAgain eventId={story.eventId} target={target} />}
        </AnswerNote>
      )}
      {story.warnings.map((warning) => (
        <p key={warning} className="note warn">
          {warningText(warning)}
        </p>
      ))}
      {story.targets.length === 0 ? null : <Targets story={story} chosen={target} />}
      <Files story={story} target={target} />
      <div className="columns section">
        <RunFacts story={story} />
        <Chain story={story} />
      </div>
    </>
  );
}

function Files({ story, target }: { readonly story: Story; readonly target: Target | undefined }) {
  const github = githubOf(story);
  return (
    <section className="section" aria-labelledby="files">
      <h2 id="files">What {target === undefined ? 'its file' : 'both files'} said when it was decided</h2>
      <div className="columns">
        <FileSide side={sourceSide(story, target)} github={github} />
        {target === undefined ? null : <FileSide side={targetSide(story, target)} github={github} />}
      </div>
    </section>
  );
}
