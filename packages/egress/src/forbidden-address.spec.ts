import { describe, expect, it } from 'vitest';
import { ALLOWED_ADDRESSES, FORBIDDEN_ADDRESSES } from './address-vectors.ts';
import { parseAllowList } from './cidr.ts';
import { whyForbidden } from './forbidden-address.ts';

describe('addresses that a webhook must not reach', () => {
  it.each(FORBIDDEN_ADDRESSES)('refuses "%s"', (address) => expect(whyForbidden(address)).toBeTypeOf('string'));
  it.each(ALLOWED_ADDRESSES)('lets %s pass', (address) => expect(whyForbidden(address)).toBeUndefined());

  it('says why', () => {
    expect(whyForbidden('169.254.169.254')).toContain('metadata');
    expect(whyForbidden('64:ff9b::10.0.0.1')).toContain('carries an IPv4 address that is private');
  });
});

describe('the allow-list', () => {
  const allowed = parseAllowList('loopback, 10.1.0.0/16,fd12:3456::/32, 192.168.7.7');

  it.each(['127.0.0.1', '::1', '10.1.255.255', 'fd12:3456::9', '192.168.7.7', '64:ff9b::10.1.0.1'])('opens %s', (address) => {
    expect(whyForbidden(address, allowed)).toBeUndefined();
  });

  it.each(['10.2.0.1', '192.168.7.8', 'fd12:3457::1', '::ffff:127.0.0.1'])('leaves %s closed', (address) => {
    expect(whyForbidden(address, allowed)).toBeTypeOf('string');
  });

  it('may be empty', () => expect(parseAllowList(' , ')).toEqual([]));

  it.each(['10.0.0.0/33', '10.0.0.0/', '10.0.0/8', 'everything', '::/129'])('names the bad entry in "%s"', (text) => {
    expect(() => parseAllowList(text)).toThrow(text);
  });
});
