/** Where a request says that it comes from. `unsaid`: nothing tells; programs other than browsers say nothing. */
export type Origin = 'here' | 'elsewhere' | 'unsaid';

type Header = (name: string) => string | undefined;

/**
 * Whether a page of this very address sent a request: as the browser says (`Sec-Fetch-Site`, which no page can set), else by comparing `Origin` with
 * `Host`. The scheme is left out of that: behind a proxy that ends TLS it is not known here, and the cookie never leaves its own.
 */
export function originOf(header: Header): Origin {
  const site = header('sec-fetch-site');
  // `none`: a person typed the address or chose a bookmark.
  if (site !== undefined) return site === 'same-origin' ? 'here' : site === 'none' ? 'unsaid' : 'elsewhere';
  const [origin, host] = [header('origin'), header('host')];
  if (origin === undefined) return 'unsaid';
  return host !== undefined && [`https://${host}`, `http://${host}`].includes(origin) ? 'here' : 'elsewhere';
}
