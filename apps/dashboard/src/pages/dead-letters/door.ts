import { pageIn, type Regions } from '../../api/regions.ts';

/** Where dead letters of a region are worked on: here, or on the dashboard of that region (`url` undefined: not known where that is). */
export type Door = { readonly isHere: true } | { readonly isHere: false; readonly region: string; readonly url: string | undefined };

/**
 * Redrives and discards are made in the region whose dead letters they are, and anywhere while that one is not active. `path`: the page that is looked
 * at, so that the link leads to the same one there. Pure; the API refuses the rest with WB_MISDIRECTED.
 */
export function doorOf(region: string, { data }: Pick<Regions, 'data'>, path: string): Door {
  const owner = data.find(({ id }) => id === region);
  if (owner === undefined || owner.isSelf || owner.state !== 'active') return { isHere: true };
  return { isHere: false, region, url: pageIn(owner, path) };
}
