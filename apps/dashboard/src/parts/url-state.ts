import { useLocation, useSearch } from 'wouter';

/** State that lives in the URL's query, so that every view has an address: its present values, and how to change some. Undefined takes one out. */
export function useUrlState(): [URLSearchParams, (changes: Readonly<Record<string, string | undefined>>) => void] {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const values = new URLSearchParams(search);
  const change = (changes: Readonly<Record<string, string | undefined>>): void => {
    const next = new URLSearchParams(search);
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined || value === '') next.delete(name);
      else next.set(name, value);
    }
    navigate(next.size === 0 ? path : `${path}?${next}`);
  };
  return [values, change];
}
