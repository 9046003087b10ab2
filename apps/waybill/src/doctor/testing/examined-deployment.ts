import {
  HUB,
  hubConfig,
  type ServerSettings,
  startThrowawayDeployment,
  type ThrowawayDeployment,
  type ThrowawayShape,
} from '@waybill/nats-server';
import { credentialAt, type Installation } from '../../deployment/installation.ts';
import { provisionAll } from '../../deployment/provision-all.ts';
import { examineServers } from '../examine-servers.ts';
import type { Finding } from '../finding.ts';
import { type BeatingRegion, startBeating } from './beating-region.ts';

/** Real servers with all streams, and a beating dispatcher in each region, as doctor sees them. */
export class ExaminedDeployment {
  readonly servers: ThrowawayDeployment;
  readonly beating = new Map<string, BeatingRegion>();

  private constructor(servers: ThrowawayDeployment) {
    this.servers = servers;
  }

  static async start(shape: ThrowawayShape): Promise<ExaminedDeployment> {
    const examined = new ExaminedDeployment(await startThrowawayDeployment(shape));
    await examined.provision();
    await examined.beat(...shape.regions);
    return examined;
  }

  get installation(): Installation {
    const { deployment } = this.servers;
    return { deployment, login: (place, user) => credentialAt(deployment, place, user) };
  }

  async provision(): Promise<void> {
    await provisionAll(this.installation, { topology: {} }, () => undefined);
  }

  async beat(...regions: readonly string[]): Promise<void> {
    for (const region of regions) this.beating.set(region, await startBeating(this.installation, region, regions));
  }

  /** What doctor finds wrong, as `what: detail`. */
  async wrong(): Promise<string[]> {
    return (await this.findings()).filter(({ ok }) => !ok).map(({ what, detail }) => `${what}: ${detail}`);
  }

  async findings(): Promise<readonly Finding[]> {
    return (await examineServers(this.installation, {})).findings;
  }

  /** Reloads the hub with its links' permissions rewritten, and makes the links anew. */
  async relink(change: (subject: string) => string | undefined): Promise<void> {
    const { deployment } = this.servers;
    for (const [index, node] of this.servers.servers(HUB).entries())
      await node.running.reload(rewritten(hubConfig(deployment, index), change));
    for (const { id } of deployment.regions) {
      const [server] = this.servers.servers(id);
      await server?.stop();
      await server?.restart();
    }
  }

  async cleanup(): Promise<void> {
    await Promise.all([...this.beating.values()].map((region) => region.stop()));
    await this.servers.cleanup();
  }
}

function rewritten(settings: ServerSettings, change: (subject: string) => string | undefined): ServerSettings {
  const all = (subjects: readonly string[]): string[] => subjects.flatMap((subject) => change(subject) ?? []);
  const accounts = (settings.accounts ?? []).map((account) => ({
    ...account,
    users: account.users.map((user) => {
      if (user.entrance !== 'leaf' || user.permissions === undefined) return user;
      const { publish, subscribe } = user.permissions;
      const permissions = { publish: { allow: all(publish.allow) }, subscribe: { allow: all(subscribe.allow) } };
      return { ...user, permissions };
    }),
  }));
  return { ...settings, accounts };
}
