import { type IpAddress, parseIpAddress } from './ip-address.ts';

/** A network: the addresses of one family that share the first `bits` bits. */
export interface Cidr {
  readonly family: 4 | 6;
  readonly network: bigint;
  readonly hostBits: bigint;
}

/** Parses `10.0.0.0/8` or `fd00::/8`; an address alone means that address only. Throws a RangeError that names the text. */
export function parseCidr(text: string): Cidr {
  const [addressText = '', bitsText] = text.split('/');
  const address = parseIpAddress(addressText);
  const width = address?.family === 4 ? 32 : 128;
  const bits = bitsText === undefined ? width : Number(bitsText);
  if (address === undefined || bitsText === '' || !Number.isInteger(bits) || bits < 0 || bits > width) {
    throw new RangeError(`"${text}" is not a network such as 10.0.0.0/8 or fd00::/8`);
  }
  const hostBits = BigInt(width - bits);
  return { family: address.family, network: address.value >> hostBits, hostBits };
}

/** Whether `address` lies in `cidr`. */
export function isWithin(address: IpAddress, cidr: Cidr): boolean {
  return address.family === cidr.family && address.value >> cidr.hostBits === cidr.network;
}

const LOOPBACK = ['127.0.0.0/8', '::1/128'];

/** Parses a comma-separated list of networks; the word `loopback` stands for 127.0.0.0/8 and ::1. Throws a RangeError that names a bad entry. */
export function parseAllowList(text: string): readonly Cidr[] {
  const entries = text.split(',').map((entry) => entry.trim());
  return entries.filter((entry) => entry !== '').flatMap((entry) => (entry === 'loopback' ? LOOPBACK : [entry]).map(parseCidr));
}
