import { useQuery } from '@tanstack/react-query';
import { useLocation, useSearch } from 'wouter';
import { pageIn, type Region, regionsQuery } from '../api/regions.ts';
import { useFollowing } from '../live/live.tsx';
import { State } from '../parts/state.tsx';

/** Which region answers, and the same page in the others: each has a dashboard of its own. */
export function RegionLinks({ region }: { readonly region: string }) {
  const { data } = useQuery(regionsQuery);
  const { mode } = useFollowing();
  const [path] = useLocation();
  const search = useSearch();
  const here = search === '' ? path : `${path}?${search}`;
  const others = data?.data.filter(({ id }) => id !== region) ?? [];
  const dot = mode === 'live' ? 'good' : 'warn';
  const self = (
    <>
      <span className={`live-dot ${dot}`} aria-hidden="true" />
      <strong>{region}</strong> <span className="quiet">{mode === 'live' ? 'live' : 'polling'}</span>
    </>
  );
  if (others.length === 0) return <p className="region-links">{self}</p>;
  return (
    <details className="region-links">
      <summary>{self}</summary>
      <ul>
        {others.map((other) => (
          <li key={other.id}>
            <Other region={other} here={here} />
          </li>
        ))}
      </ul>
    </details>
  );
}

function Other({ region, here }: { readonly region: Region; readonly here: string }) {
  const page = pageIn(region, here);
  return (
    <>
      {page === undefined ? <span>{region.id}</span> : <a href={page}>{region.id}</a>} <State value={region.state} />
    </>
  );
}
