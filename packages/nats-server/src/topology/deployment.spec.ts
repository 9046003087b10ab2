import { describe, expect, it } from 'vitest';
import { sampleDeployment, samplePassword } from '../testing/sample-deployment.ts';
import { type Deployment, deploymentSchema } from './deployment.ts';
import { withRandomPasswords } from './passwords.ts';
import { deploymentUsers, hubConfig, regionConfig } from './server-settings.ts';

const [us, eu] = ['us-central1', 'europe-west1'] as const;
const sample = (): Deployment => sampleDeployment({ regions: [us, eu], hubNodes: 3 });

const refusals = (deployment: unknown): string[] =>
  deploymentSchema.safeParse(deployment).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];

/** The sample with one thing changed in its JSON text. */
const broken = (change: (deployment: Deployment) => unknown): string[] => refusals(change(structuredClone(sample())));

describe('a deployment', () => {
  it('is taken as JSON', () => {
    expect(deploymentSchema.parse(JSON.parse(JSON.stringify(sample())))).toEqual(sample());
  });

  it.each<[string, (deployment: Deployment) => unknown, RegExp]>([
    ['an id twice', (d) => ({ ...d, regions: [d.regions[0], { ...d.regions[0] }] }), /regions: every region needs an id of its own/],
    ['a region called hub', (d) => ({ ...d, regions: [{ ...d.regions[0], id: 'hub' }] }), /regions\.0\.id: "hub" is/],
    ['a bad id', (d) => ({ ...d, regions: [{ ...d.regions[0], id: 'US' }] }), /regions\.0\.id: use a-z/],
    ['several regions without a hub', (d) => ({ ...d, hub: [] }), /hub: several regions need a hub/],
    ['an even number of hub nodes', (d) => ({ ...d, hub: d.hub.slice(0, 2) }), /hub: use an odd number/],
    ['a hub node without a leaf port', (d) => ({ ...d, hub: [{ ...d.hub[0], leafPort: undefined }] }), /hub\.0\.leafPort/],
    ['one server a region in production', (d) => ({ ...d, mode: 'production' }), /regions\.0\.servers: production needs 3/],
    ['a port twice', (d) => ({ ...d, hub: d.hub.map((node) => ({ ...node, leafPort: 21_001 })) }), /127\.0\.0\.1:21001 is used twice/],
    ['a host that is none', (d) => ({ ...d, hub: [{ ...d.hub[0], host: 'a b' }] }), /hub\.0\.host/],
    ['an unknown field', (d) => ({ ...d, hubs: [] }), /hubs/],
    ['an environment variable that is none', (d) => ({ ...d, passwords: { 'hub/admin': { env: 'a b' } } }), /passwords/],
  ])('with %s is refused', (_, change, expected) => {
    expect(broken(change).join('\n')).toMatch(expected);
  });

  it('names all its users, and its renderers the one that has no password', () => {
    const { passwords, ...shape } = sample();
    expect(Object.keys(passwords)).toEqual(deploymentUsers(shape).map(({ key }) => key));
    const { [`${us}/planner`]: _, ...without } = passwords;
    expect(() => regionConfig({ ...shape, passwords: without }, us, 0)).toThrow(`no password ${us}/planner`);
    expect(() => regionConfig(sample(), us, 1)).toThrow('has 1 servers');
    expect(() => regionConfig(sample(), 'other', 0)).toThrow('other has 0 servers');
    expect(() => hubConfig(sample(), 3)).toThrow('hub has 3 servers');
  });

  it('keeps the passwords it has when it grows', () => {
    const one = withRandomPasswords(sampleDeployment({ regions: [us], hubNodes: 0 }));
    const two = withRandomPasswords(sample(), one.passwords);
    expect(two.passwords).toMatchObject(one.passwords);
    expect(new Set(Object.values(two.passwords)).size).toBe(Object.keys(two.passwords).length);
  });
});

describe('the links of a region', () => {
  const urls = (deployment: Deployment, region: string, index: number): unknown[] =>
    regionConfig(deployment, region, index).leafnodes?.remotes?.flatMap((remote) => [...remote.urls]) ?? [];
  const leafPorts = (found: unknown[]): number[] => found.map((url) => Number(new URL(String(url)).port));

  it('begin at its own hub node, each further server at another one', () => {
    const deployment = sampleDeployment({ regions: [us, eu], hubNodes: 3, mode: 'production' });
    const [first, second, third] = deployment.hub.map(({ leafPort }) => leafPort);
    expect(leafPorts(urls(deployment, us, 0))).toEqual([first, second, third]);
    expect(leafPorts(urls(deployment, eu, 0))).toEqual([second, third, first]);
    expect(leafPorts(urls(deployment, eu, 1))).toEqual([third, first, second]);
    expect(leafPorts(urls(deployment, eu, 2))).toEqual([first, second, third]);
  });

  it('carry any password, and come from the environment when it does', () => {
    const [url] = urls(sample(), us, 0);
    expect(decodeURIComponent(new URL(String(url)).password)).toBe(samplePassword(`hub/link_${us}`));
    const fromEnv = { ...sample(), passwords: { ...sample().passwords, [`hub/link_${us}`]: { env: 'LINK_US' } } };
    expect(urls(fromEnv, us, 0)).toEqual([{ env: 'LINK_US_URL_HUB_1' }, { env: 'LINK_US_URL_HUB_2' }, { env: 'LINK_US_URL_HUB_3' }]);
  });

  it('are not there without a hub', () => {
    const alone = regionConfig(sampleDeployment({ regions: [us], hubNodes: 0 }), us, 0);
    expect(alone.leafnodes).toBeUndefined();
    expect({ ...alone, accounts: [] }).toEqual({
      ...regionConfig(sampleDeployment({ regions: [us], hubNodes: 1 }), us, 0),
      leafnodes: undefined,
      accounts: [],
    });
  });
});

describe('production', () => {
  it('has every server write to disk before it acks, and name itself and its cluster', () => {
    const deployment = sampleDeployment({ regions: [us], hubNodes: 3, mode: 'production' });
    const all = [0, 1, 2].flatMap((index) => [hubConfig(deployment, index), regionConfig(deployment, us, index)]);
    expect(all.every(({ syncInterval }) => syncInterval === 'always')).toBe(true);
    expect(new Set(all.map(({ serverName }) => serverName)).size).toBe(6);
    expect(all.map(({ cluster }) => cluster?.name)).toEqual(['hub', us, 'hub', us, 'hub', us]);
  });
});
