import { startThrowawayDeployment, type ThrowawayDeployment } from '@waybill/nats-server';
import type { RegionSteps } from '@waybill/transport';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { credentialAt, type Installation } from './installation.ts';
import { provisionAll } from './provision-all.ts';

const installation = ({ deployment }: ThrowawayDeployment): Installation => ({
  deployment,
  login: (place, user) => credentialAt(deployment, place, user),
});
const actions = (told: readonly RegionSteps[]) =>
  Object.fromEntries(told.map(({ place, steps }) => [place, [...new Set(steps.map(({ action }) => action))]]));
const quiet = (): void => undefined;

describe('provisioning a deployment, each place by the user whose work it is', () => {
  let servers: ThrowawayDeployment;
  const run = (options: { dryRun?: boolean; only?: string } = {}) =>
    provisionAll(installation(servers), { topology: {}, ...options }, quiet);
  beforeAll(async () => {
    servers = await startThrowawayDeployment({ regions: ['us', 'eu'], hubNodes: 1 });
  });
  afterAll(() => servers.cleanup());

  it('tells, makes, and finds nothing more to do', async () => {
    const all = { hub: ['create'], us: ['create'], eu: ['create'] };
    expect(actions(await run({ dryRun: true }))).toEqual(all);
    expect(actions(await run({ only: 'us' }))).toEqual({ us: ['create'] });
    expect(actions(await run())).toEqual({ ...all, us: ['unchanged'] });
    expect(actions(await run())).toEqual({ hub: ['unchanged'], us: ['unchanged'], eu: ['unchanged'] });
  });

  it('refuses a region that there is not', async () => {
    await expect(run({ only: 'mars' })).rejects.toThrow('there is no region "mars"; there are us, eu');
  });

  it('does not wait for the others when a password is missing', async () => {
    const { deployment } = servers;
    const passwords = { ...deployment.passwords, 'eu/provisioner': { env: 'NOT_SET' } };
    const unreachable = deployment.regions.map((region) =>
      region.id === 'us' ? { ...region, servers: region.servers.map((server) => ({ ...server, port: 1 })) } : region,
    );
    const broken = { ...deployment, passwords, regions: unreachable };
    const login: Installation['login'] = (place, user) => credentialAt(broken, place, user);
    await expect(provisionAll({ deployment: broken, login }, { topology: {} }, quiet)).rejects.toThrow(
      '"eu/provisioner" is in the variable',
    );
  });
});

describe('provisioning a region on its own', () => {
  it('needs no hub', async () => {
    const alone = await startThrowawayDeployment({ regions: ['us'] });
    try {
      expect(actions(await provisionAll(installation(alone), { topology: {} }, quiet))).toEqual({ us: ['create'] });
    } finally {
      await alone.cleanup();
    }
  });
});
