import { type Cidr, isWithin, parseCidr } from './cidr.ts';
import { type IpAddress, parseIpAddress } from './ip-address.ts';

/**
 * Networks that a webhook must not reach: the IANA IPv4 and IPv6 Special-Purpose Address Registries, multicast, and what is reserved.
 * Everything of IPv6 outside 2000::/3 is refused as well, except NAT64, which is judged by the IPv4 address it carries.
 */
const FORBIDDEN: readonly (readonly [cidr: string, why: string])[] = [
  ['0.0.0.0/8', 'this network'],
  ['10.0.0.0/8', 'private'],
  ['100.64.0.0/10', 'shared by carrier-grade NAT'],
  ['127.0.0.0/8', 'loopback'],
  ['168.63.129.16/32', 'a cloud platform service'],
  ['169.254.0.0/16', 'link-local (cloud metadata)'],
  ['172.16.0.0/12', 'private'],
  ['192.0.0.0/24', 'reserved for protocols'],
  ['192.0.2.0/24', 'documentation'],
  ['192.31.196.0/24', 'AS112'],
  ['192.52.193.0/24', 'AMT'],
  ['192.88.99.0/24', '6to4 relay'],
  ['192.168.0.0/16', 'private'],
  ['192.175.48.0/24', 'AS112'],
  ['198.18.0.0/15', 'benchmarking'],
  ['198.51.100.0/24', 'documentation'],
  ['203.0.113.0/24', 'documentation'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved'],
  ['::/128', 'unspecified'],
  ['::1/128', 'loopback'],
  ['::/96', 'IPv4-compatible'],
  ['::ffff:0:0/96', 'IPv4-mapped'],
  ['::ffff:0:0:0/96', 'IPv4-translated'],
  ['64:ff9b:1::/48', 'local NAT64'],
  ['100::/64', 'discard-only'],
  ['100:0:0:1::/64', 'dummy prefix'],
  ['2001::/32', 'Teredo'],
  ['2001:2::/48', 'benchmarking'],
  ['2001:10::/28', 'ORCHID'],
  ['2001:20::/28', 'ORCHIDv2'],
  ['2001:30::/28', 'drone remote identification'],
  ['2001::/23', 'reserved for protocols'],
  ['2001:db8::/32', 'documentation'],
  ['2620:4f:8000::/48', 'AS112'],
  ['3fff::/20', 'documentation'],
  ['5f00::/16', 'segment routing'],
  ['fc00::/7', 'unique local (cloud metadata)'],
  ['fe80::/10', 'link-local'],
  ['fec0::/10', 'site-local'],
  ['ff00::/8', 'multicast'],
];

const forbidden = FORBIDDEN.map(([cidr, why]) => ({ cidr: parseCidr(cidr), why: `${why}, ${cidr}` }));
const globalUnicast = parseCidr('2000::/3');
const nat64 = parseCidr('64:ff9b::/96');
const sixToFour = parseCidr('2002::/16');
/** Interface identifiers of ISATAP, without the universal bit: 0000:5efe and 0200:5efe. */
const ISATAP_IDENTIFIERS: ReadonlySet<bigint> = new Set([0x0000_5efen, 0x0200_5efen]);

/**
 * Why `text` must not be connected to, or undefined when it may be. What `allowed` names may be reached whatever it is.
 * Text that is not an IP address is refused. Pure; costs a few microseconds, so ask once per connection, not per request.
 */
export function whyForbidden(text: string, allowed: readonly Cidr[] = []): string | undefined {
  const address = parseIpAddress(text);
  return address === undefined ? 'not an IP address' : judge(address, allowed);
}

function judge(address: IpAddress, allowed: readonly Cidr[]): string | undefined {
  if (allowed.some((cidr) => isWithin(address, cidr))) return undefined;
  const rule = forbidden.find(({ cidr }) => isWithin(address, cidr));
  if (rule !== undefined) return rule.why;
  if (address.family === 4) return undefined;
  const embedded = embeddedIpv4(address);
  if (embedded !== undefined) return prefixed('carries an IPv4 address that is ', judge(embedded, allowed));
  return isWithin(address, globalUnicast) ? undefined : 'not global unicast';
}

const prefixed = (prefix: string, why: string | undefined): string | undefined => (why === undefined ? undefined : prefix + why);

/** The IPv4 address that a tunnel would hand the packet to. */
function embeddedIpv4(address: IpAddress): IpAddress | undefined {
  const low = { family: 4, value: address.value & 0xffff_ffffn } as const;
  if (isWithin(address, nat64)) return low;
  if (isWithin(address, sixToFour)) return { family: 4, value: (address.value >> 80n) & 0xffff_ffffn };
  return ISATAP_IDENTIFIERS.has((address.value >> 32n) & 0xffff_ffffn) ? low : undefined;
}
