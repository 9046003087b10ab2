import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { WaybillError } from '@waybill/contracts';
import { type Deployment, hubConfig, regionConfig, type Secret, type ServerSettings } from '@waybill/nats-server';
import { replaceFile } from './server-configs.ts';

/** Beside the passwords of the NATS users: the first admin key, what regions prove themselves with, and the password of the read models' databases. */
const OTHERS = ['MANAGEMENT_API_KEY', 'POSTGRES_PASSWORD', 'REGION_SHARED_KEY'];
/** nats-server reads the value of a variable as configuration: `12345` would be a number there. */
const AS_CONFIGURATION = /^[A-Za-z][\w-]*$/;

/** What a file of variables got. */
export interface WrittenSecrets {
  /** Variables that were added. */
  readonly made: readonly string[];
  /** Variables that were there, and stayed as they were. */
  readonly kept: readonly string[];
  /** Addresses that were there and are not what they would be made to; perhaps by intention. */
  readonly differing: readonly string[];
}

/**
 * Completes a file of variables (`.env`) with a random value (192 bits) for each that a deployment refers to, and with the server addresses that hold
 * them. What is there already stays; only the owner may read the file. Throws WB_CONFIG_INVALID, without a value, when one that is there is of no use;
 * the file is as before then.
 */
export function writeSecrets(deployment: Deployment, file: string): WrittenSecrets {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const present = presentIn(text);
  const passwords = passwordVariables(deployment);
  for (const name of passwords) if (present.has(name)) refuseUnfit(file, name, present.get(name) ?? '');
  const values = new Map([...passwords, ...OTHERS].map((name) => [name, present.get(name) ?? randomSecret()]));
  const addresses = addressVariables(deployment, values);
  const wanted = new Map([...values, ...addresses]);
  const made = [...wanted].filter(([name]) => !present.has(name));
  replaceFile(file, completed(text, made));
  return {
    made: made.map(([name]) => name),
    kept: [...wanted.keys()].filter((name) => present.has(name)),
    differing: [...addresses].flatMap(([name, url]) => (present.has(name) && present.get(name) !== url ? [name] : [])),
  };
}

/** Begins with a letter, and survives every quoting. */
const randomSecret = (): string => `w${randomBytes(24).toString('hex')}`;

/** An empty variable counts as not set, as everywhere. */
function presentIn(text: string): Map<string, string> {
  return new Map(Object.entries(parseEnv(text)).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, value]])));
}

function refuseUnfit(file: string, name: string, value: string): void {
  if (AS_CONFIGURATION.test(value)) return;
  const how = 'use letters, digits, "-" and "_" with a letter in front, or remove the line to have one made';
  throw new WaybillError('WB_CONFIG_INVALID', `${file}, ${name}: nats-server would not read it as a password; ${how}`);
}

const passwordVariables = ({ passwords }: Deployment): string[] => [
  ...new Set(Object.values(passwords).flatMap((secret) => (typeof secret === 'string' ? [] : secret.env))),
];

/** The variables that hold whole addresses, as the servers' configurations name them: what the same configurations say with plain passwords. */
function addressVariables(deployment: Deployment, values: ReadonlyMap<string, string>): Map<string, string> {
  const passwords = Object.fromEntries(
    Object.entries(deployment.passwords).map(([key, secret]) => [
      key,
      typeof secret === 'string' ? secret : (values.get(secret.env) ?? ''),
    ]),
  );
  const addresses = addressesIn({ ...deployment, passwords });
  const pairs = addressesIn(deployment).map((secret, index) => [secret, addresses[index]] as const);
  return new Map(pairs.flatMap(([secret, url]) => (typeof secret === 'string' || typeof url !== 'string' ? [] : [[secret.env, url]])));
}

const addressesIn = (deployment: Deployment): Secret[] => [
  ...deployment.hub.flatMap((_, index) => dialled(hubConfig(deployment, index))),
  ...deployment.regions.flatMap(({ id, servers }) => servers.flatMap((_, index) => dialled(regionConfig(deployment, id, index)))),
];

const dialled = ({ cluster, leafnodes }: ServerSettings): Secret[] => [
  ...(cluster?.routes ?? []),
  ...(leafnodes?.remotes ?? []).flatMap(({ urls }) => urls),
];

function completed(text: string, made: readonly (readonly [string, string])[]): string {
  if (made.length === 0) return text;
  const empty = new Set(made.map(([name]) => name));
  const lines = text.split('\n').filter((line) => !empty.has(/^\s*(?:export\s+)?(\w+)\s*=/.exec(line)?.[1] ?? ''));
  const before = lines.join('\n').trimEnd();
  const after = made.map(([name, value]) => `${name}=${value}`);
  return `${[...(before === '' ? [] : [before]), ...after].join('\n')}\n`;
}
