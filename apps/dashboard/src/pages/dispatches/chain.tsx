import { Link } from 'wouter';
import { State } from '../../parts/state.tsx';
import type { ChainLink, Story } from './dispatch.ts';

/** The chain that a run is part of: what started it, itself, and what the runs that it started led to in turn. */
export function Chain({ story: { chain, repository, workflow } }: { readonly story: Story }) {
  const { parent, children } = chain;
  return (
    <section className="panel" aria-labelledby="chain">
      <h2 id="chain">Chain</h2>
      <ol className="crumbs">
        {parent === null ? null : (
          <li>
            <Linked link={parent} />
          </li>
        )}
        <li aria-current="true">
          <strong>
            {workflow} of {repository}
          </strong>
        </li>
        {children.length === 0 ? null : (
          <li>
            {children.map((link) => (
              <div key={link.eventId}>
                <Linked link={link} />
              </div>
            ))}
          </li>
        )}
      </ol>
      <p className="quiet">
        {parent === null && chain.depth === 0 ? 'It began here. ' : `${chain.depth} before it. `}
        {children.length === 0 ? 'No run that it started has led anywhere yet.' : null}
      </p>
    </section>
  );
}

const Linked = ({ link }: { readonly link: ChainLink }) => (
  <>
    <Link href={`/dispatches/${link.eventId}`}>
      {link.workflow} of {link.repository}
    </Link>{' '}
    <State value={link.state} />
  </>
);
