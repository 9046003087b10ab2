import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Deployment, withRandomPasswords } from '@waybill/nats-server';
import { afterAll, describe, expect, it } from 'vitest';
import { startingSteps } from './config-steps.ts';
import { writeServerConfigs } from './server-configs.ts';

const folder = mkdtempSync(join(tmpdir(), 'waybill-server-configs-'));
afterAll(() => rmSync(folder, { recursive: true }));

let port = 4_000;
const server = () => ({ host: '10.0.0.1', port: (port += 1), leafPort: (port += 1), storeDir: '/data' });
const pair = withRandomPasswords({
  mode: 'development',
  regions: [
    { id: 'us', servers: [server()] },
    { id: 'eu', servers: [server()] },
  ],
  hub: [{ site: 'us', ...server() }],
});
const changesIn = (deployment: Deployment) =>
  Object.fromEntries(writeServerConfigs(deployment, join(folder, 'out')).map(({ file, change }) => [file, change]));

describe('the configuration files of a deployment', () => {
  it('are written for their owner alone, and tell what changed', () => {
    expect(changesIn(pair)).toEqual({ 'hub-1.conf': 'new', 'us-1.conf': 'new', 'eu-1.conf': 'new' });
    chmodSync(join(folder, 'out', 'us-1.conf'), 0o644);
    expect(changesIn(pair)).toEqual({ 'hub-1.conf': 'unchanged', 'us-1.conf': 'unchanged', 'eu-1.conf': 'unchanged' });
    for (const file of ['hub-1.conf', 'us-1.conf', 'eu-1.conf']) expect(statSync(join(folder, 'out', file)).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'out')).mode & 0o777).toBe(0o700);
    const passwords = { ...pair.passwords, 'us/planner': 'another' };
    expect(changesIn({ ...pair, passwords })).toEqual({ 'hub-1.conf': 'unchanged', 'us-1.conf': 'changed', 'eu-1.conf': 'unchanged' });
    expect(readFileSync(join(folder, 'out', 'us-1.conf'), 'utf8')).toContain('another');
  });

  it('name the variables that each server reads, and take nothing in quotes for one', () => {
    const passwords = {
      ...pair.passwords,
      'us/planner': { env: 'US_PLANNER' },
      'hub/link_us': { env: 'LINK_US' },
      'us/ingress': '$NOT_ONE',
    };
    const written = writeServerConfigs({ ...pair, passwords }, join(folder, 'out'));
    expect(Object.fromEntries(written.map(({ file, variables }) => [file, variables]))).toEqual({
      'hub-1.conf': ['LINK_US'],
      'us-1.conf': ['LINK_US_URL_HUB_1', 'US_PLANNER'],
      'eu-1.conf': [],
    });
    const steps = startingSteps(written, 'deployment.json').join('\n');
    expect(steps).toContain('us-1.conf: LINK_US_URL_HUB_1, US_PLANNER');
    expect(steps).not.toContain('eu-1.conf');
  });
});
