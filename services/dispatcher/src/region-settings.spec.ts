import { loadConfig } from '@waybill/runtime';
import { describe, expect, it } from 'vitest';
import { dispatcherConfigSchema } from './config.ts';
import { regionSettings } from './region-settings.ts';

const settingsOf = (env: NodeJS.ProcessEnv) => regionSettings(env, loadConfig(dispatcherConfigSchema, env));

const entry = (id: string, more: object = {}) => {
  return { id, region: id, host: `nats://${id}:4222`, key: `dispatcher:of-${id}`, webhook_url: `https://${id}.example.com/`, ...more };
};
const config = (...entries: object[]) => ({ REGIONS_CONFIG: JSON.stringify(entries) });

describe('the regions that a dispatcher works for', () => {
  it.each([
    [{}, 'local', 'nats://127.0.0.1:4222'],
    [{ REGION: 'eu', NATS_URL: 'nats://n:1' }, 'eu', 'nats://n:1'],
    [{ REGION_HOST: 'nats://n:1', REGION_KEY: 'token' }, 'local', 'nats://n:1'],
  ])('are one without peers with the variables of a single region: %j', (env, region, servers) => {
    const all = settingsOf(env);
    expect(all).toMatchObject([{ region, peers: [], mustHoldLease: false, requestTimeoutMs: 15_000 }]);
    expect(all[0]?.connection()).toMatchObject({ servers });
  });

  it('are those it is told, each with its own server, key and limits', () => {
    const regions = config(entry('us', { request_timeout_ms: 700 }), entry('eu'), entry('ap'));
    const all = settingsOf({ ...regions, DISPATCHER_REGIONS: 'us,eu', FAILOVER_ENABLED: 'true' });
    expect(all.map(({ region, peers, requestTimeoutMs, mustHoldLease }) => ({ region, peers, requestTimeoutMs, mustHoldLease }))).toEqual([
      { region: 'us', peers: ['eu', 'ap'], requestTimeoutMs: 700, mustHoldLease: true },
      { region: 'eu', peers: ['us', 'ap'], requestTimeoutMs: 15_000, mustHoldLease: true },
    ]);
    expect(all.map(({ connection, key }) => [connection().servers, connection().password, key()])).toEqual([
      ['nats://us:4222', 'of-us', 'dispatcher:of-us'],
      ['nats://eu:4222', 'of-eu', 'dispatcher:of-eu'],
    ]);
  });

  it('need no lease while one region does it all', () => {
    const regions = config(entry('us'), entry('eu'));
    const all = settingsOf({ ...regions, REGION: 'eu', FAILOVER_ENABLED: 'true', MULTI_REGION_ENABLED: 'false' });
    expect(all).toMatchObject([{ region: 'eu', peers: ['us'], everythingIn: 'us', mustHoldLease: false }]);
  });
});
