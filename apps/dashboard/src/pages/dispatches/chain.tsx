import { Link } from 'wouter';
import { State } from '../../parts/state.tsx';
import type { ChainLink, Story } from './dispatch.ts';

/** The chain that a run is part of: what started it, and what the runs that it started led to in turn. */
export function Chain({ story: { chain } }: { readonly story: Story }) {
  const { parent, children, depth } = chain;
  return (
    <section className="card" aria-labelledby="chain">
      <h2 id="chain">Chain</h2>
      <dl className="kv">
        <dt>Started by</dt>
        <dd>
          {parent === null ? (
            <span className="quiet">{depth === 0 ? 'nothing: it began here' : 'not known here'}</span>
          ) : (
            <Linked link={parent} />
          )}
        </dd>
        <dt>Place in it</dt>
        <dd>{depth === 0 ? 'the first' : `${depth} before it`}</dd>
        <dt>Led on to</dt>
        {children.length === 0 ? (
          <dd className="quiet">nothing yet</dd>
        ) : (
          children.map((link) => (
            <dd key={link.eventId}>
              <Linked link={link} />
            </dd>
          ))
        )}
      </dl>
    </section>
  );
}

const Linked = ({ link }: { readonly link: ChainLink }) => (
  <>
    <Link href={`/dispatches/${link.eventId}`}>
      {link.workflow} of {link.repository}
    </Link>{' '}
    <State value={link.state} tone={link.state === 'open' ? 'busy' : undefined} />
  </>
);
