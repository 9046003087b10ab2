import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { Fact } from '../../parts/fact.tsx';
import type { Answer, Place } from './answer.ts';
import { Coded } from './coded.tsx';
import { githubOf, type Story } from './dispatch.ts';

interface AnswerNoteProps {
  readonly answer: Answer;
  readonly rule: string | null;
  readonly story: Story;
  readonly children: ReactNode;
}

/** The answer at the top of the page: what happened and why; then the rule, the reason, and what to change where. */
export function AnswerNote({ answer: { tone, sentence, reason, meaning, remedy, changeIn }, rule, story, children }: AnswerNoteProps) {
  return (
    <section className={`note answer ${tone}`} aria-label="Answer">
      <p>
        <Coded text={sentence} />
      </p>
      <dl className="kv">
        {rule === null ? null : (
          <Fact name="Rule">
            <code>{rule}</code> of {story.repository}
          </Fact>
        )}
        {reason === null ? null : (
          <Fact name="Reason">
            <code>{reason}</code> <Coded text={meaning ?? ''} />
          </Fact>
        )}
        {remedy === null ? null : (
          <Fact name="What to do">
            {reason === 'operator_paused' ? (
              <Link href="/dispatches#pauses">See what is held back, why and since when</Link>
            ) : (
              <Coded text={remedy} />
            )}
          </Fact>
        )}
        {changeIn === undefined ? null : (
          <Fact name={tone === 'off' ? 'If it should start one' : 'Change it in'}>
            <Where place={changeIn} story={story} />
          </Fact>
        )}
      </dl>
      {children}
    </section>
  );
}

const Where = ({ place: { repository, path }, story }: { readonly place: Place; readonly story: Story }) => (
  <>
    <a href={`${githubOf(story)}/${repository}/blob/HEAD/${path}`} target="_blank" rel="noreferrer" className="mono">
      {repository}/{path}
    </a>
    , on the default branch; then run {story.workflow} again.
  </>
);
