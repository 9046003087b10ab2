import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WaybillError } from '@waybill/contracts';
import { type Deployment, deploymentUsers, HUB, renderDeployment } from '@waybill/nats-server';

/** One server's configuration file, as it was written. */
export interface WrittenServerConfig {
  readonly path: string;
  readonly file: string;
  /** The region's id, or `hub`. */
  readonly place: string;
  /** `host:port` for clients. */
  readonly server: string;
  readonly change: 'new' | 'changed' | 'unchanged';
  /** Names of the environment variables that the server must have when it starts. */
  readonly variables: readonly string[];
}

/**
 * Writes the configuration of every server of a deployment, the hub's first, for the owner's eyes only: they may hold passwords. Throws
 * WB_CONFIG_INVALID with every password that is missing, and has written nothing then.
 */
export function writeServerConfigs(deployment: Deployment, folder: string): WrittenServerConfig[] {
  refuseMissingPasswords(deployment);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const servers = [
    ...deployment.hub.map((server) => ({ place: HUB, server })),
    ...deployment.regions.flatMap(({ id, servers: own }) => own.map((server) => ({ place: id, server }))),
  ];
  return renderDeployment(deployment).map(({ file, text }, index) => {
    const path = join(folder, file);
    const { place = '', server } = servers[index] ?? {};
    const change = replaceFile(path, text);
    return { path, file, place, server: `${server?.host}:${server?.port}`, change, variables: variablesIn(text) };
  });
}

function refuseMissingPasswords(deployment: Deployment): void {
  const missing = deploymentUsers(deployment).filter(({ key }) => deployment.passwords[key] === undefined);
  if (missing.length === 0) return;
  const lines = missing.map(({ key, purpose }) => `passwords: "${key}" is missing (${purpose})`);
  throw new WaybillError('WB_CONFIG_INVALID', lines.join('\n'));
}

/** Replaces a file as a whole, and keeps it from others also where it is as it should be. */
export function replaceFile(path: string, text: string): WrittenServerConfig['change'] {
  const before = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  if (before === text) {
    chmodSync(path, 0o600);
    return 'unchanged';
  }
  writeFileSync(`${path}.next`, text, { mode: 0o600 });
  renameSync(`${path}.next`, path);
  return before === undefined ? 'new' : 'changed';
}

/** What stands in quotes is text, whatever it looks like. */
function variablesIn(text: string): string[] {
  const bare = text.replaceAll(/"(?:\\.|[^"\\])*"/g, '""');
  return [...new Set([...bare.matchAll(/\$([A-Za-z_]\w*)/g)].map(([, name = '']) => name))];
}
