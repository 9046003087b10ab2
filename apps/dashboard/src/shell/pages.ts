/** A page of the navigation. `key`: jumped to with g and this key. */
export interface PageLink {
  readonly to: string;
  readonly name: string;
  readonly key: string;
}

/** The pages in the order of the navigation: what happens, what it goes to, what was done. */
export const PAGES: readonly PageLink[] = [
  { to: '/', name: 'Regions', key: 'r' },
  { to: '/events', name: 'Events', key: 'e' },
  { to: '/deliveries', name: 'Deliveries', key: 'd' },
  { to: '/dead-letters', name: 'Dead letters', key: 'l' },
  { to: '/endpoints', name: 'Endpoints', key: 'n' },
  { to: '/dispatches', name: 'GitHub dispatches', key: 'g' },
  { to: '/schemas', name: 'Schemas', key: 's' },
  { to: '/jobs', name: 'Replays and jobs', key: 'j' },
  { to: '/audit', name: 'Audit', key: 'a' },
  { to: '/settings', name: 'Settings', key: 't' },
];

/** Whether a path belongs to a page of the navigation. */
export const isAt = (path: string, to: string): boolean => (to === '/' ? path === '/' : path === to || path.startsWith(`${to}/`));
