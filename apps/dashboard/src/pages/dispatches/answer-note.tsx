import type { ReactNode } from 'react';
import type { Answer } from './answer.ts';
import { githubOf, type Story } from './dispatch.ts';

interface AnswerNoteProps {
  readonly answer: Answer;
  readonly rule: string | null;
  readonly story: Story;
  readonly children: ReactNode;
}

/** The answer at the top of the page: what happened and why; then the rule, the reason, and what to change where. */
export function AnswerNote({ answer: { tone, sentence, reason, meaning, remedy, changeIn }, rule, story, children }: AnswerNoteProps) {
  const path = story.files?.find(({ repository }) => repository.toLowerCase() === changeIn?.toLowerCase())?.path || 'dispatching.yml';
  return (
    <section className={`note answer ${tone}`} aria-label="Answer">
      <p>{sentence}</p>
      <dl className="kv">
        {rule === null ? null : (
          <>
            <dt>Rule</dt>
            <dd>
              <code>{rule}</code> of {story.repository}
            </dd>
          </>
        )}
        {reason === null ? null : (
          <>
            <dt>Reason</dt>
            <dd>
              <code>{reason}</code> {meaning}
            </dd>
          </>
        )}
        {remedy === null ? null : (
          <>
            <dt>What to do</dt>
            <dd>{remedy}</dd>
          </>
        )}
        {changeIn === undefined ? null : (
          <>
            <dt>Change it in</dt>
            <dd>
              <a href={`${githubOf(story)}/${changeIn}/blob/HEAD/${path}`} target="_blank" rel="noreferrer" className="mono">
                {changeIn}/{path}
              </a>
              , on the default branch; then run {story.workflow} again.
            </dd>
          </>
        )}
      </dl>
      {children}
    </section>
  );
}
