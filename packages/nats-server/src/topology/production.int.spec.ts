import { streamNames, subjects } from '@waybill/contracts';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type LinkedDeployment, type Session, startProvisioned } from '../testing/linked-deployment.ts';
import { HUB } from './deployment.ts';
import type { ThrowawayServer } from './throwaway-deployment.ts';

const [us, eu] = ['us-central1', 'europe-west1'] as const;
const soon = { timeout: 40_000, interval: 100 };

let linked: LinkedDeployment;
beforeAll(async () => {
  linked = await startProvisioned({ regions: [us, eu], mode: 'production' });
});
afterAll(() => linked.cleanup());

const peers = async ({ jsm }: Session): Promise<number> => (await jsm.streams.info(streamNames(eu).peers)).state.messages;

async function serverCalled(place: string, name: string): Promise<ThrowawayServer> {
  const found = linked.servers(place).find(({ running }) => running.configFile.includes(`/${name}/`));
  return found ?? expect.fail(`no server ${name}`);
}

describe('regions of three servers, and a hub of three', () => {
  it('copies once what three links could carry', async () => {
    const [ingress, there] = await Promise.all([linked.session(us, 'ingress'), linked.session(eu, 'operator')]);
    const { config } = await there.jsm.streams.info(streamNames(eu).peers);
    expect(config.num_replicas).toBe(3);
    for (let index = 0; index < 200; index += 1)
      await ingress.js.publish(subjects.fact(us, 'g', 'event.accepted'), 'x', { msgID: `${index}` });
    await vi.waitFor(async () => expect(await peers(there)).toBe(200), soon);
  });

  it('goes on when the leader of the LOG and a node of the hub are killed, and takes them back', async () => {
    const [ingress, there] = await Promise.all([linked.session(us, 'ingress'), linked.session(eu, 'operator')]);
    const { cluster } = await ingress.jsm.streams.info(streamNames(us).log);
    const leader = await serverCalled(us, cluster?.leader ?? '');
    const node = await serverCalled(HUB, 'hub-1');
    await Promise.all([leader.kill(), node.kill()]);
    const append = (id: string) => () => ingress.js.publish(subjects.fact(us, 'g', 'event.accepted'), 'x', { msgID: id });
    await vi.waitFor(append('without'), soon);
    await vi.waitFor(async () => expect(await peers(there)).toBe(201), soon);
    const control = await linked.session(eu, 'ingress');
    await vi.waitFor(() => control.js.publish(`$JS.${HUB}.API.$KV.control.region.${us}`, '{}'), soon);
    await Promise.all([leader.restart(), node.restart()]);
    await vi.waitFor(append('with'), soon);
    await vi.waitFor(async () => expect(await peers(there)).toBe(202), soon);
  }, 180_000);
});
