import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Deployment, withRandomPasswords } from '@waybill/nats-server';
import { afterAll, describe, expect, it } from 'vitest';
import { joiningSteps, startingSteps } from './config-steps.ts';
import { writeServerConfigs } from './server-configs.ts';

const folder = mkdtempSync(join(tmpdir(), 'waybill-server-configs-'));
afterAll(() => rmSync(folder, { recursive: true }));

let port = 4_000;
const server = () => ({ host: '10.0.0.1', port: (port += 1), leafPort: (port += 1), storeDir: '/data' });
const [us, eu, ap] = ['us', 'eu', 'ap'].map((id) => ({ id, servers: [server()] }));
const hub = [{ site: 'us', ...server() }];
const regions = [us, eu].flatMap((region) => region ?? []);
const pair = withRandomPasswords({ mode: 'development', regions, hub });
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

  it('are not written when passwords are missing, and all of these are told', () => {
    const passwords = Object.fromEntries(Object.entries(pair.passwords).filter(([key]) => !/planner|link_eu/.test(key)));
    const write = (): unknown => writeServerConfigs({ ...pair, passwords }, join(folder, 'none'));
    expect(write).toThrow(/"hub\/link_eu" is missing \(links eu to the hub\)\n.*"us\/planner" is missing.*\n.*"eu\/planner" is missing/);
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });

  it('tell what a region that joins changes, and the order of the steps', () => {
    const out = join(folder, 'joining');
    writeServerConfigs(pair, out);
    const trio = withRandomPasswords(
      { mode: 'development', regions: [...regions, ...(ap === undefined ? [] : [ap])], hub },
      pair.passwords,
    );
    const written = writeServerConfigs(trio, out);
    expect(Object.fromEntries(written.map(({ file, change }) => [file, change]))).toEqual({
      'hub-1.conf': 'changed',
      'us-1.conf': 'changed',
      'eu-1.conf': 'changed',
      'ap-1.conf': 'new',
    });
    const steps = joiningSteps(written, 'ap', 'deployment.json').join('\n');
    const order = [
      'hub-1.conf',
      'us-1.conf',
      'eu-1.conf',
      'ap-1.conf',
      'regions relink --deployment deployment.json us eu',
      'waybill provision',
      'REGIONS_CONFIG',
    ];
    expect(order.map((text) => steps.indexOf(text)).toSorted((a, b) => a - b)).toEqual(order.map((text) => steps.indexOf(text)));
    expect(order.filter((text) => !steps.includes(text))).toEqual([]);
    expect(joiningSteps(writeServerConfigs(trio, out), 'ap', 'deployment.json').join('\n')).toContain('none: they have them already');
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
