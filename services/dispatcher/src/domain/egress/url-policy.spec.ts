import { describe, expect, it } from 'vitest';
import { parseAllowList } from './cidr.ts';
import { type EgressPolicy, judgeUrl } from './url-policy.ts';

const strict: EgressPolicy = { guard: 'on', allowed: [] };

/** Spellings of forbidden destinations; also sent through the whole client. */
const DENIED_URLS = [
  'http://127.0.0.1/', 'http://127.1/', 'http://127.0.1/', 'http://0x7f.1/', 'http://0x7f000001/', 'http://0X7F.0.0.1/', 'http://017700000001/', 'http://0177.0.0.01/',
  'http://2130706433/', 'http://0/', 'http://127.0.0.1./', 'http://１２７.０.０.１/', 'http://127。0。0。1/', 'http://%31%32%37.0.0.1/',
  'http://[::1]/', 'http://[::]/', 'http://[::ffff:127.0.0.1]/', 'http://[::ffff:7f00:1]/', 'http://[0:0:0:0:0:ffff:a9fe:a9fe]/', 'http://[64:ff9b::169.254.169.254]/',
  'http://[2002:7f00:1::]/', 'http://[fd00:ec2::254]/', 'http://169.254.169.254/latest/meta-data/', 'http://2852039166/', 'http://0251.0376.0251.0376/',
  'https://10.0.0.1:8443/x', 'http://192.168.1.1/', 'http://172.16.0.1/',
  'http://localhost/', 'http://localhost./', 'http://LOCALHOST:8080/', 'http://api.localhost/', 'http://localhost.localdomain/', 'http://ip6-loopback/',
  'http://user@example.com/', 'http://user:secret@example.com/', 'http://:secret@example.com/',
  'ftp://example.com/', 'file:///etc/passwd', 'gopher://example.com/', 'data:text/plain,x', 'javascript:alert(1)', 'ws://example.com/',
  'not a url', '', 'http://', 'http://256.256.256.256/', 'http://1.2.3.4.5/', 'http://[fe80::1%25eth0]/', 'example.com/hook',
];

describe('URLs', () => {
  it.each(DENIED_URLS)('refuses %s', (url) => expect(judgeUrl(url, strict)).toMatchObject({ kind: 'denied' }));

  it.each(['https://example.com/hook', 'http://example.com:8080/a?b=c', 'https://8.8.8.8/', 'https://[2606:4700:4700::1111]/', 'https://localhost.example.com/', 'https://bücher.example/'])(
    'lets %s pass',
    (url) => expect(judgeUrl(url, strict)).toMatchObject({ kind: 'allowed' }),
  );

  it('lets what the allow-list names pass', () => {
    const policy: EgressPolicy = { guard: 'on', allowed: parseAllowList('loopback') };
    expect(judgeUrl('http://localhost:3000/', policy).kind).toBe('allowed');
    expect(judgeUrl('http://127.0.0.1:3000/', policy).kind).toBe('allowed');
    expect(judgeUrl('http://10.0.0.1/', policy).kind).toBe('denied');
  });

  it('still asks for http and no credentials when the guard is off', () => {
    const policy: EgressPolicy = { guard: 'off', allowed: [] };
    expect(judgeUrl('http://10.0.0.1/', policy).kind).toBe('allowed');
    expect(judgeUrl('ftp://10.0.0.1/', policy).kind).toBe('denied');
    expect(judgeUrl('http://a:b@10.0.0.1/', policy).kind).toBe('denied');
  });
});
