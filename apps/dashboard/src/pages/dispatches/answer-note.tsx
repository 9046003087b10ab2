import type { ReactNode } from 'react';
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
        <Row name="Rule">
          {rule === null ? null : (
            <>
              <code>{rule}</code> of {story.repository}
            </>
          )}
        </Row>
        <Row name="Reason">
          {reason === null ? null : (
            <>
              <code>{reason}</code> <Coded text={meaning ?? ''} />
            </>
          )}
        </Row>
        <Row name="What to do">{remedy === null ? null : <Coded text={remedy} />}</Row>
        <Row name="Change it in">{changeIn === undefined ? null : <Where place={changeIn} story={story} />}</Row>
      </dl>
      {children}
    </section>
  );
}

/** A name and what there is to say; nothing when there is nothing. */
function Row({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  if (children === null) return null;
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
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
