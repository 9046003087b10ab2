import { readFileSync } from 'node:fs';
import { loadConfig } from '@waybill/runtime';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ingressConfigSchema } from './config.ts';
import { deploymentOf } from './deployment.ts';
import { INGRESS_VERSION, settingsOf } from './settings-of.ts';

/** Every secret has this in it. */
const HUSH = 'hush4242';
const regions = ['us', 'eu'].map((id, index) => ({
  id,
  host: `nats://nats-${id}.example:4222`,
  region: id,
  key: index === 0 ? `ingress:${HUSH}` : `env:${HUSH}`,
  webhook_url: `https://receiver.example/in?token=${HUSH}`,
  priority: index + 1,
}));
const env = {
  REGION: 'us',
  REGIONS_CONFIG: JSON.stringify(regions),
  NATS_URL: `nats://ingress:${HUSH}/a,${HUSH}@nats.example:4222, nats://${HUSH}@spare.example`,
  NATS_USER: 'ingress',
  NATS_PASSWORD: HUSH,
  MANAGEMENT_API_KEY: `${HUSH}-admin`,
  OPERATOR_API_KEY: `${HUSH}-operator`,
  VIEWER_API_KEY: `${HUSH}-viewer`,
  REGION_SHARED_KEY: `${HUSH}-${HUSH}`,
  PROJECTOR_URL: `http://${HUSH}:x@127.0.0.1:8081`,
  TRACE_LINK_TEMPLATE: 'https://traces.example/t?id={traceId}',
  PUBLIC_URL: `https://waybill.example/#${HUSH}`,
  EGRESS_ALLOW: '10.1.0.0/16',
  MAX_BODY_BYTES: '2000000',
};
const settings = settingsOf(loadConfig(ingressConfigSchema, env), deploymentOf(env), false);
const variable = (name: string) => settings.variables.find((one) => one.name === name);

describe('the settings', () => {
  it('tell every variable, which are as they come, and no secret', () => {
    expect(JSON.stringify(settings)).not.toContain(HUSH);
    expect(settings.variables.map(({ name }) => name)).toEqual(Object.keys(ingressConfigSchema.shape));
    expect(variable('MAX_BODY_BYTES')).toEqual({ name: 'MAX_BODY_BYTES', value: 2_000_000, isDefault: false });
    expect(variable('LOG_LEVEL')).toEqual({ name: 'LOG_LEVEL', value: 'info', isDefault: true });
    expect(variable('EGRESS_ALLOW')).toEqual({ name: 'EGRESS_ALLOW', value: '1 networks', isDefault: false });
    expect(variable('INTERNAL_URL')).toEqual({ name: 'INTERNAL_URL', isDefault: true });
    expect(variable('NATS_URL')?.value).toBe('nats://[hidden]@spare.example');
    expect(variable('PROJECTOR_URL')?.value).toBe('http://[hidden]@127.0.0.1:8081');
  });

  it('tell where a trace is shown elsewhere, and refuse an address that cannot be one', () => {
    expect(settings.traceLink).toBe('https://traces.example/t?id={traceId}');
    for (const template of ['javascript:{traceId}', 'https://traces.example/'])
      expect(() => loadConfig(ingressConfigSchema, { ...env, TRACE_LINK_TEMPLATE: template })).toThrow('TRACE_LINK_TEMPLATE');
  });

  it('mask every text that is not known to be none', () => {
    const masked = settings.variables.filter((one) => one.masked === true).map(({ name }) => name);
    const keys = ['NATS_PASSWORD', 'REGION_SHARED_KEY', 'MANAGEMENT_API_KEY', 'OPERATOR_API_KEY', 'VIEWER_API_KEY'];
    expect(masked.toSorted()).toEqual(keys.toSorted());
  });

  it('tell the regions as they are declared, and how they work together', () => {
    expect(settings.regions).toMatchObject([
      { id: 'us', key: '[hidden]', host: 'nats://nats-us.example:4222', webhookUrl: 'https://receiver.example/in?[hidden]', priority: 1 },
      { id: 'eu', key: '[hidden]' },
    ]);
    expect(settings.flags).toMatchObject({ enabled: true, primaryRegion: 'us', failoverEnabled: false, githubApp: false });
  });

  it('tell no login of the address of a single region', () => {
    const { REGIONS_CONFIG: _regions, ...single } = env;
    const shown = settingsOf(loadConfig(ingressConfigSchema, single), deploymentOf(single), true);
    expect(JSON.stringify(shown)).not.toContain(HUSH);
    expect(shown.flags).toMatchObject({ githubApp: true });
  });

  it('tell the version of the package', () => {
    const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    expect(z.object({ version: z.string() }).parse(manifest).version).toBe(INGRESS_VERSION);
  });
});
