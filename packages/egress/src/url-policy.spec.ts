import { describe, expect, it } from 'vitest';
import { DENIED_URLS } from './url-vectors.ts';
import { parseAllowList } from './cidr.ts';
import { type EgressPolicy, judgeUrl } from './url-policy.ts';

const strict: EgressPolicy = { guard: 'on', allowed: [] };

describe('URLs', () => {
  it.each(DENIED_URLS)('refuses %s', (url) => expect(judgeUrl(url, strict)).toMatchObject({ kind: 'denied' }));

  it.each([
    'https://example.com/hook',
    'http://example.com:8080/a?b=c',
    'https://8.8.8.8/',
    'https://[2606:4700:4700::1111]/',
    'https://localhost.example.com/',
    'https://bücher.example/',
  ])('lets %s pass', (url) => expect(judgeUrl(url, strict)).toMatchObject({ kind: 'allowed' }));

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
