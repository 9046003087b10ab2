import { useEffect } from 'react';

/** A page that is gone to begins at its top, and is read from there; one that is come back to is where it was. */
export function usePageStart(main: { readonly current: HTMLElement | null }): void {
  useEffect(() => {
    let { pathname } = location;
    const came = (isNew: boolean): void => {
      if (isNew && location.pathname !== pathname) {
        scrollTo(0, 0);
        main.current?.focus({ preventScroll: true });
      }
      ({ pathname } = location);
    };
    const went = (): void => came(true);
    const back = (): void => came(false);
    // The router tells of the first, the browser of the second.
    addEventListener('pushState', went);
    addEventListener('popstate', back);
    return () => {
      removeEventListener('pushState', went);
      removeEventListener('popstate', back);
    };
  }, [main]);
}
