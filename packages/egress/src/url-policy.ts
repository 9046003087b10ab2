import type { Cidr } from './cidr.ts';
import { whyForbidden } from './forbidden-address.ts';
import { parseIpAddress } from './ip-address.ts';

/** What the guard allows beside public addresses; `off` allows everything. */
export interface EgressPolicy {
  readonly guard: 'on' | 'off';
  readonly allowed: readonly Cidr[];
}

/** A URL that may be called, or why not. Names are judged again at connect time, by the addresses they resolve to. */
export type UrlVerdict = { readonly kind: 'allowed'; readonly url: URL } | { readonly kind: 'denied'; readonly why: string };

const denied = (why: string): UrlVerdict => ({ kind: 'denied', why });

/**
 * Judges a URL before anything is resolved: http or https only, no credentials, no literal address that is forbidden, no localhost name.
 * The URL parser has already turned octal, decimal, hexadecimal and shortened IPv4 spellings into dotted decimals.
 */
export function judgeUrl(text: string, policy: EgressPolicy): UrlVerdict {
  if (!URL.canParse(text)) return denied('the URL cannot be parsed');
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return denied(`${url.protocol} is not http or https`);
  if (url.username !== '' || url.password !== '') return denied('the URL carries credentials');
  const why = policy.guard === 'off' ? undefined : whyHostForbidden(url.hostname, policy.allowed);
  return why === undefined ? { kind: 'allowed', url } : denied(why);
}

function whyHostForbidden(hostname: string, allowed: readonly Cidr[]): string | undefined {
  const bare = hostname.replace(/\.+$/, '');
  if (bare === '') return 'the URL has no host';
  if (parseIpAddress(bare) !== undefined) return whyAddress(bare, allowed);
  return isLocalhostName(bare) ? whyAddress('127.0.0.1', allowed) : undefined;
}

function whyAddress(address: string, allowed: readonly Cidr[]): string | undefined {
  const why = whyForbidden(address, allowed);
  return why === undefined ? undefined : `${address} is ${why}`;
}

const LOCAL_NAMES: ReadonlySet<string> = new Set(['localhost', 'localhost.localdomain', 'ip6-localhost', 'ip6-loopback']);
const isLocalhostName = (name: string): boolean => LOCAL_NAMES.has(name) || name.endsWith('.localhost');
