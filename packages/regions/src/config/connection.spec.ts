import { describe, expect, it } from 'vitest';
import { connectionOf } from './connection.ts';

const declared = (key: string, ...ids: readonly string[]): string =>
  JSON.stringify(
    ids.map((id) => ({ id, host: `nats://${id}:4222`, region: id, key: key.replace('ID', id), webhook_url: 'https://hooks.example.com' })),
  );
const two = declared('planner:secret of ID', 'us', 'eu');
const planner = (region: string, env: NodeJS.ProcessEnv) => connectionOf({ service: 'planner', region }, env);
const own = (region: string) => ({ inboxPrefix: `_INBOX_${region}.planner`, name: `planner-${region}` });

describe('the connection of a service to a region', () => {
  it.each<[string, NodeJS.ProcessEnv, object]>([
    ['is the embedded default without any variable', {}, { servers: 'nats://127.0.0.1:4222' }],
    ['takes empty variables for none', { NATS_URL: '', REGIONS_CONFIG: ' ' }, { servers: 'nats://127.0.0.1:4222' }],
    ['may need a login there', { NATS_USER: 'u', NATS_PASSWORD: 'p' }, { servers: 'nats://127.0.0.1:4222', user: 'u', password: 'p' }],
    ['is NATS_URL with a token', { NATS_URL: 'nats://a,nats://b', NATS_PASSWORD: 't' }, { servers: 'nats://a,nats://b', password: 't' }],
    ['is of the earlier names', { REGION_HOST: 'old:4222', REGION_KEY: 'u:p' }, { servers: 'old:4222', user: 'u', password: 'p' }],
    ['takes them literally', { NATS_URL: 'x:1', NATS_PASSWORD: 'env:NONE' }, { servers: 'x:1', user: 'env', password: 'NONE' }],
    ['is the entry of the region', { REGIONS_CONFIG: two }, { servers: 'nats://us:4222', user: 'planner', password: 'secret of us' }],
    [
      'prefers NATS_URL for the own region',
      { REGIONS_CONFIG: two, REGION: 'us', NATS_URL: 'nats://near:4222', NATS_USER: 'u', NATS_PASSWORD: 'p' },
      { servers: 'nats://near:4222', user: 'u', password: 'p' },
    ],
    [
      'does not take NATS_URL for another region',
      { REGIONS_CONFIG: two, REGION: 'eu', NATS_URL: 'nats://near:4222', NATS_USER: 'u', NATS_PASSWORD: 'p' },
      { servers: 'nats://us:4222', user: 'planner', password: 'secret of us' },
    ],
  ])('%s', (_, env, expected) => {
    expect(planner('us', env)).toEqual({ ...own('us'), ...expected });
  });

  it('looks up the key of a region that is not its own only now', () => {
    const env = { REGIONS_CONFIG: declared('env:KEY_ID', 'us', 'eu'), REGION: 'us', KEY_us: 'token' };
    expect(planner('us', env)).toEqual({ ...own('us'), servers: 'nats://us:4222', password: 'token' });
    expect(() => planner('eu', env)).toThrow('REGIONS_CONFIG, entry 2 (eu), key: the variable KEY_eu is not set');
    expect(planner('eu', { ...env, KEY_eu: 'planner:x' })).toMatchObject({ user: 'planner', password: 'x' });
  });
});
