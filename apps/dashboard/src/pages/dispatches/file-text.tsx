import { Copy } from '../../parts/copy.tsx';
import type { Lines } from './rule-lines.ts';
import type { Mark, Side } from './file-marks.ts';

const WORDS = { good: 'lets it in', bad: 'refuses it, or does not name it', busy: 'asks for it' } as const;
const isIn = (line: number, { from, to }: Lines): boolean => from <= line && line <= to;

/** A text with numbered lines, some of them marked by colour and a sign in the margin. */
function Numbered({ label, text, marks }: { readonly label: string; readonly text: string; readonly marks: readonly Mark[] }) {
  const lines = text.replace(/\n$/, '').split('\n');
  return (
    <ol className="code numbered scroller" tabIndex={0} aria-label={label}>
      {lines.map((line, at) => {
        const mark = marks.find((one) => isIn(at + 1, one));
        return (
          <li key={at} className={mark?.tone}>
            {mark === undefined ? line || ' ' : <mark title={WORDS[mark.tone]}>{line || ' '}</mark>}
          </li>
        );
      })}
    </ol>
  );
}

/** One side of a decision: the `dispatching.yml` as it was read, what it says about this, and what to add to it. */
export function FileSide({ side, github }: { readonly side: Side; readonly github: string }) {
  const { title, repository, file, says, marks, add } = side;
  const path = file?.path || 'dispatching.yml';
  return (
    <section className="stack" aria-label={title}>
      <h3>{title}</h3>
      <p>
        <a href={`${github}/${repository}/blob/HEAD/${path}`} target="_blank" rel="noreferrer" className="mono">
          {repository}/{path}
        </a>
        {file?.sha ? <span className="quiet mono"> at {file.sha.slice(0, 7)}</span> : null}
      </p>
      <p>{says}</p>
      {file === undefined || file.missing === true ? null : (
        <Numbered label={`${path} of ${repository}, as it was read`} text={file.text} marks={marks} />
      )}
      {file?.isCut === true ? <p className="quiet">Only its beginning was kept.</p> : null}
      {add === undefined ? null : (
        <div className="stack">
          <p>
            With this {file === undefined || file.missing === true ? 'in it' : 'added'}, it would let the source in. Inputs that it may send
            stand under <code>accept_inputs</code>.
          </p>
          <pre className="code">{add}</pre>
          <p>
            <Copy text={add} what="what to add" />
          </p>
        </div>
      )}
    </section>
  );
}
