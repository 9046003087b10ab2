import { readFileSync } from 'node:fs';
import { WaybillError } from '@waybill/contracts';
import { type Deployment, deploymentSchema } from '@waybill/nats-server';
import { credentialAt, type Installation } from './installation.ts';

/** Reads the JSON file that describes all NATS servers. Throws WB_CONFIG_INVALID with every mistake and its path, and no password. */
export function readDeployment(file: string): Deployment {
  const parsed = deploymentSchema.safeParse(jsonIn(file));
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map(({ path, message }) => `${file}${path.length === 0 ? '' : `, ${path.join('.')}`}: ${message}`);
  throw new WaybillError('WB_CONFIG_INVALID', lines.join('\n'));
}

function jsonIn(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    // The parser's own message quotes the text, and the text holds passwords.
    const why = error instanceof SyntaxError ? 'not JSON' : error instanceof Error ? error.message : String(error);
    throw new WaybillError('WB_CONFIG_INVALID', `${file}: ${why}`);
  }
}

/** The installation that a deployment file describes; its passwords may be in the variables of `env`. */
export function installationIn(file: string, env: NodeJS.ProcessEnv): Installation {
  const deployment = readDeployment(file);
  return { deployment, login: (place, user) => credentialAt(deployment, place, user, env) };
}
