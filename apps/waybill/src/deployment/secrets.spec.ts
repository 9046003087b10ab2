import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { Deployment } from '@waybill/nats-server';
import { deploymentUsers } from '@waybill/nats-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeSecrets } from './secrets.ts';
import { writeServerConfigs } from './server-configs.ts';

const server = (host: string) => ({ host, port: 4222, clusterPort: 6222, leafPort: 7422, storeDir: '/data' });
const shape = {
  mode: 'development' as const,
  regions: [
    { id: 'us', servers: [server('nats-us')] },
    { id: 'eu', servers: [server('nats-eu')] },
  ],
  hub: [1, 2, 3].map((index) => ({ site: ['us', 'eu', 'arbiter'][index - 1] ?? '', ...server(`hub-${index}`) })),
};
const variableOf = (key: string): string => key.toUpperCase().replaceAll(/\W/g, '_');
const deployment: Deployment = {
  ...shape,
  passwords: Object.fromEntries(deploymentUsers(shape).map(({ key }) => [key, { env: variableOf(key) }])),
};

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-secrets-'));
  file = join(folder, '.env');
});
afterEach(() => rmSync(folder, { recursive: true }));
const written = (): NodeJS.Dict<string> => parseEnv(readFileSync(file, 'utf8'));

describe('the variables of a deployment', () => {
  it('are all that its servers read, its users, the admin key and the database, each with a secret of its own', () => {
    const { made, kept } = writeSecrets(deployment, file);
    const read = writeServerConfigs(deployment, join(folder, 'out')).flatMap(({ variables }) => variables);
    const users = deploymentUsers(deployment).map(({ key }) => variableOf(key));
    expect(made.toSorted()).toEqual(
      [...new Set([...read, ...users, 'MANAGEMENT_API_KEY', 'POSTGRES_PASSWORD', 'REGION_SHARED_KEY'])].toSorted(),
    );
    expect(kept).toEqual([]);
    const secrets = [...users, 'MANAGEMENT_API_KEY', 'POSTGRES_PASSWORD', 'REGION_SHARED_KEY'].map((name) => written()[name] ?? '');
    expect(new Set(secrets).size).toBe(secrets.length);
    for (const secret of secrets) expect(secret).toMatch(/^[a-z][0-9a-f]{48}$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('have the addresses of servers with the login that is used there', () => {
    writeSecrets(deployment, file);
    const { HUB_LINK_US, HUB_LINK_US_URL_HUB_1, HUB_LINK_EU_URL_HUB_3, HUB_LINK_EU, HUB_CLUSTER, HUB_CLUSTER_URL_HUB_2 } = written();
    expect(HUB_LINK_US_URL_HUB_1).toBe(`nats://link_us:${HUB_LINK_US}@hub-1:7422`);
    expect(HUB_LINK_EU_URL_HUB_3).toBe(`nats://link_eu:${HUB_LINK_EU}@hub-3:7422`);
    expect(HUB_CLUSTER_URL_HUB_2).toBe(`nats://cluster:${HUB_CLUSTER}@hub-2:6222`);
  });

  it('stay when they are there, with all else in the file; what is empty is filled, and the file closed to others', () => {
    writeFileSync(file, '# mine\nEGRESS_ALLOW=10.1.0.0/16\nexport HUB_LINK_US="chosen-by-me"\nUS_PLANNER=\nUS_PLANNERS=\n');
    chmodSync(file, 0o644);
    const { made, kept } = writeSecrets(deployment, file);
    expect(kept).toEqual(['HUB_LINK_US']);
    expect(made).toContain('US_PLANNER');
    const first = readFileSync(file, 'utf8');
    expect(first).toMatch(/^# mine\nEGRESS_ALLOW=10\.1\.0\.0\/16\nexport HUB_LINK_US="chosen-by-me"\nUS_PLANNERS=\n/);
    expect(first.match(/^US_PLANNER=/gm)).toHaveLength(1);
    expect(written()).toMatchObject({ HUB_LINK_US: 'chosen-by-me', HUB_LINK_US_URL_HUB_1: 'nats://link_us:chosen-by-me@hub-1:7422' });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(writeSecrets(deployment, file)).toMatchObject({ made: [], differing: [] });
    expect(readFileSync(file, 'utf8')).toBe(first);
  });

  it('are told of when an address does not fit the deployment any more', () => {
    writeSecrets(deployment, file);
    const moved = { ...deployment, hub: deployment.hub.map((node, index) => (index === 0 ? { ...node, host: 'elsewhere' } : node)) };
    const before = readFileSync(file, 'utf8');
    expect(writeSecrets(moved, file).differing.toSorted()).toEqual([
      'HUB_CLUSTER_URL_HUB_1',
      'HUB_LINK_EU_URL_HUB_1',
      'HUB_LINK_US_URL_HUB_1',
    ]);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it('are refused when nats-server would read one as a number, without being shown', () => {
    writeFileSync(file, 'US_PLANNER=12345\n');
    const write = (): unknown => writeSecrets(deployment, file);
    expect(write).toThrow(/\.env, US_PLANNER: nats-server would not read it as a password/);
    expect(write).not.toThrow(/12345/);
    expect(readFileSync(file, 'utf8')).toBe('US_PLANNER=12345\n');
  });

  it('make no passwords where the deployment holds them itself', () => {
    const passwords = Object.fromEntries(Object.keys(deployment.passwords).map((key) => [key, 'plain']));
    expect(writeSecrets({ ...deployment, passwords }, file).made).toEqual(['MANAGEMENT_API_KEY', 'POSTGRES_PASSWORD', 'REGION_SHARED_KEY']);
    expect(existsSync(`${file}.next`)).toBe(false);
  });
});
