import { renderServerConfig } from '../launch/server-config.ts';
import type { Deployment } from './deployment.ts';
import { hubConfig, regionConfig } from './server-settings.ts';

export interface RenderedFile {
  /** `<server name>.conf`. */
  readonly file: string;
  /** Holds passwords unless the deployment names environment variables: write it for the owner's eyes only. */
  readonly text: string;
}

/** The configuration files of all servers of a deployment, the hub's first. Throws when a password is missing. */
export function renderDeployment(deployment: Deployment): RenderedFile[] {
  const settings = [
    ...deployment.hub.map((_, index) => hubConfig(deployment, index)),
    ...deployment.regions.flatMap(({ id, servers }) => servers.map((_, index) => regionConfig(deployment, id, index))),
  ];
  return settings.map((one) => ({ file: `${one.serverName}.conf`, text: renderServerConfig(one) }));
}
