/** What a text that a person searches for may be the beginning of, or be as a whole. Lists of beginnings are tried one after the other. */
export interface SearchTerms {
  readonly eventIds: readonly string[];
  readonly deliveryIds: readonly string[];
  readonly endpointIds: readonly string[];
  readonly urls: readonly string[];
  readonly tenantIds: readonly string[];
  /** Whole. */
  readonly correlationId: string;
  /** Whole, in lower case; undefined when the text cannot be `owner/name`. */
  readonly repository: string | undefined;
}

/** Characters that ids consist of behind their prefix. Shorter texts are the beginning of too many. */
const BARE_ID = /^[0-9a-hjkmnp-tv-z]{6,}$/;
const HOST = /^[a-z0-9][a-z0-9.-]*(?::\d*)?(?:\/\S*)?$/;
const REPOSITORY = /^[a-z0-9][a-z0-9-]*\/[a-z0-9._-]+$/;
const SCHEMES = ['https://', 'http://'] as const;

/** Reads a text that was typed or pasted into the search. Case counts only where it counts in what is searched. */
export function searchTerms(text: string): SearchTerms {
  const lower = text.toLowerCase();
  const beginningWith = (prefix: string): string[] => {
    if (lower.startsWith(prefix)) return [lower];
    return BARE_ID.test(lower) ? [prefix + lower] : [];
  };
  return {
    eventIds: beginningWith('evt_'),
    deliveryIds: beginningWith('dlv_'),
    endpointIds: lower.startsWith('github:') ? [] : beginningWith('ep_'),
    urls: urlsOf(text, lower),
    tenantIds: [...new Set([text, lower])],
    correlationId: text,
    repository: REPOSITORY.test(lower) ? lower : undefined,
  };
}

/** URLs are kept with scheme and host in lower case. */
function urlsOf(text: string, lower: string): string[] {
  const scheme = SCHEMES.find((one) => lower.startsWith(one));
  if (scheme !== undefined) return [scheme + withLowerHost(text.slice(scheme.length))];
  return HOST.test(lower) ? SCHEMES.map((one) => one + withLowerHost(text)) : [];
}

function withLowerHost(rest: string): string {
  const end = rest.search(/[/?#]/);
  return end === -1 ? rest.toLowerCase() : rest.slice(0, end).toLowerCase() + rest.slice(end);
}
