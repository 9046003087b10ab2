import { describe, expect, it } from 'vitest';
import { quoted } from './config-language.ts';
import { renderServerConfig } from './server-config.ts';

const base = { serverName: 'eu-1', storeDir: '/data/eu' };

describe('a server configuration', () => {
  it('listens on the loopback address and a port of its own choice by default', () =>
    expect(renderServerConfig(base)).toContain('listen: "127.0.0.1:-1"'));

  it('keeps the 8 MiB and the consumer limit that Waybill relies on', () => {
    expect(renderServerConfig(base)).toContain('max_payload: 8388608');
    expect(renderServerConfig(base)).toContain('default_max_consumers: 4096');
  });

  it('says nothing about what was not asked for', () =>
    expect(renderServerConfig(base)).not.toMatch(/domain|sync_interval|max_file_store|http|authorization/));

  it('says what was asked for', () => {
    const settings = {
      ...base,
      domain: 'eu',
      syncInterval: 'always',
      maxFileStoreBytes: 1000,
      monitorPort: 8222,
      port: 4222,
      listenHost: '::1',
      pingIntervalMs: 20_000,
    } as const;
    const text = renderServerConfig({ ...settings, users: [{ user: 'svc', password: 'p"w' }] });
    for (const part of [
      'listen: "[::1]:4222"',
      'http: "[::1]:8222"',
      'domain: "eu"',
      'sync_interval: "always"',
      'max_file_store: 1000',
      'ping_interval: "20s"',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).toContain('{ user: "svc", password: "p\\"w" }');
  });
});

describe('a quoted string', () => {
  it('cannot be left by a quote or a backslash', () => expect(quoted('a"b\\c')).toBe('"a\\"b\\\\c"'));
  it('cannot hold a line break', () => expect(() => quoted('a\nport: 1')).toThrow(TypeError));
});
