import { useLocation, useSearch } from 'wouter';

/** Changes values; undefined takes one out. `replace`: no step back leads to what was before, as while somebody types. */
export type ChangeUrl = (changes: Readonly<Record<string, string | undefined>>, how?: { readonly replace: boolean }) => void;

/** State that lives in the URL's query, so that every view has an address: its present values, and how to change some. */
export function useUrlState(): [URLSearchParams, ChangeUrl] {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const values = new URLSearchParams(search);
  const change: ChangeUrl = (changes, how) => {
    const next = new URLSearchParams(search);
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined || value === '') next.delete(name);
      else next.set(name, value);
    }
    navigate(next.size === 0 ? path : `${path}?${next}`, how);
  };
  return [values, change];
}
