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

describe('the configuration of linked servers', () => {
  const user = { user: 'a', password: { env: 'PASSWORD_A' }, entrance: 'client' } as const;

  it('tries the hub in the order given, and says nothing of its own address to clients', () => {
    const remotes = [{ account: 'WB', urls: ['nats://link:p@one:7422', { env: 'URL_TWO' }] }];
    const region = renderServerConfig({ ...base, leafnodes: { remotes } });
    expect(region).toMatch(/reconnect: "1s"[\s\S]*no_randomize: true\s+urls: \[\s+"nats:\/\/link:p@one:7422"\s+\$URL_TWO\s+\]/);
    const hub = renderServerConfig({ ...base, leafnodes: { listen: { port: 7422 } } });
    expect(hub).toMatch(/listen: "127\.0\.0\.1:7422"\s+no_advertise: true/);
  });

  it('lets into its cluster only who knows the password', () => {
    const login = { user: 'cluster', password: 'p' };
    const text = renderServerConfig({ ...base, cluster: { name: 'c', port: 6222, routes: ['nats://cluster:p@one:6222'], login } });
    expect(text).toContain('authorization { user: "cluster", password: "p" }');
  });

  it('takes an empty list of subjects for nothing, where the server would take it for everything', () => {
    const permissions = { publish: { allow: [] }, subscribe: { allow: ['a.>'], deny: ['a.b'] } };
    const text = renderServerConfig({ ...base, accounts: [{ name: 'WB', jetStream: true, users: [{ ...user, permissions }] }] });
    expect(text).toContain('user: "a", password: $PASSWORD_A, allowed_connection_types: [ "STANDARD" ]');
    expect(text.replaceAll(/\s+/g, ' ')).toContain('publish { deny: [ ">" ] } subscribe { allow: [ "a.>" ] deny: [ "a.b" ] }');
  });

  it('has its users in the accounts, or no accounts', () => {
    const accounts = [{ name: 'WB', jetStream: true, users: [user] }];
    expect(() => renderServerConfig({ ...base, accounts, users: [user] })).toThrow('users belong to the accounts');
    expect(() => renderServerConfig({ ...base, users: [{ user: 'a', password: { env: 'a b' } }] })).toThrow('environment variable');
  });
});

describe('a quoted string', () => {
  it('cannot be left by a quote or a backslash', () => expect(quoted('a"b\\c')).toBe('"a\\"b\\\\c"'));
  it('cannot hold a line break', () => expect(() => quoted('a\nport: 1')).toThrow(TypeError));
});
