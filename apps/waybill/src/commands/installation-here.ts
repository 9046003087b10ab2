import type { Installation } from '../deployment/installation.ts';
import { dataPaths } from '../stack/layout.ts';
import { isRunning, readRunFile } from '../stack/run-file.ts';

/** Where a command finds the NATS servers it is about. */
export interface WhichServers {
  /** Data folder of a local stack. */
  readonly data: string;
  /** A deployment file, which goes before. */
  readonly deployment?: string;
}

/** The installation of a deployment file, its passwords from this process's environment, or else of the local stack that runs; undefined: neither. */
export async function installationHere({ data, deployment }: WhichServers): Promise<Installation | undefined> {
  if (deployment !== undefined) return (await import('../deployment/deployment-file.ts')).installationIn(deployment, process.env);
  if (!isRunning(readRunFile(dataPaths(data).run))) return undefined;
  const { localInstallation, storedDeployment } = await import('../stack/local-deployment.ts');
  const stored = storedDeployment(data);
  return stored === undefined ? undefined : localInstallation(stored);
}
