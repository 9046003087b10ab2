import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { parse } from 'yaml';
import { z } from 'zod';
import { readDeployment } from '../deployment-file.ts';
import { writeSecrets } from '../secrets.ts';

/** The root of the repository. */
export const REPOSITORY = join(import.meta.dirname, '../../../../..');
export const DEPLOYMENT_FILE = join(REPOSITORY, 'infra/docker/deployment.json');

const serviceSchema = z.strictObject({
  image: z.string(),
  build: z.strictObject({ context: z.literal('.'), dockerfile: z.string() }).optional(),
  pull_policy: z.string().optional(),
  profiles: z.array(z.string()).default([]),
  entrypoint: z.array(z.string()).optional(),
  command: z.array(z.string()).optional(),
  init: z.boolean().optional(),
  read_only: z.boolean().optional(),
  tmpfs: z.array(z.string()).default([]),
  cap_drop: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  restart: z.string().optional(),
  stop_grace_period: z.string().optional(),
  environment: z.record(z.string(), z.string()).default({}),
  networks: z.union([z.array(z.string()), z.record(z.string(), z.unknown()).transform((named) => Object.keys(named))]),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  healthcheck: z.record(z.string(), z.unknown()).optional(),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.string() })).default({}),
});
export type ComposeService = z.output<typeof serviceSchema>;

const composeSchema = z.looseObject({
  services: z.record(z.string(), serviceSchema),
  volumes: z.record(z.string(), z.null()),
  networks: z.record(z.string(), z.unknown()),
});

export const composeText = (): string => readFileSync(join(REPOSITORY, 'docker-compose.yml'), 'utf8');

/** docker-compose.yml with its aliases and merges resolved, and its references to variables as they stand. Throws on fields that it does not use today. */
export const composeFile = (): z.output<typeof composeSchema> => composeSchema.parse(parse(composeText(), { merge: true }));

/** One reference to a variable: `${NAME:?why}` must be there, `${NAME:-default}` need not, nor `${NAME-default}`, which may be empty too. */
export interface Reference {
  readonly name: string;
  readonly kind: 'required' | 'optional';
  readonly text: string;
}

const REFERENCE = /\$\{(\w+)(:[?-]|-)([^}]*)\}/g;

/** The references to variables in a text. */
export const referencesIn = (text: string): Reference[] =>
  [...text.matchAll(REFERENCE)].map(([, name = '', kind, rest = '']) => ({
    name,
    kind: kind === ':?' ? 'required' : 'optional',
    text: rest,
  }));

/** A text as Compose hands it on. Throws on a variable that is missing. */
export function resolved(text: string, env: NodeJS.ProcessEnv): string {
  return text.replaceAll(REFERENCE, (_, name: string, kind: string, rest: string) => {
    const value = env[name] ?? '';
    if (value === '' && kind === ':?') throw new Error(`${name}: ${rest}`);
    if (kind === '-') return env[name] ?? rest;
    return value === '' ? rest : value;
  });
}

export const resolvedEnvironment = ({ environment }: ComposeService, env: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, resolved(value, env)]));

/** What `waybill secrets` makes for docker-compose.yml, in a folder that is removed by `cleanUp`. */
export function madeSecrets(): { readonly file: string; readonly env: NodeJS.ProcessEnv; readonly cleanUp: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-compose-'));
  const file = join(folder, '.env');
  writeSecrets(readDeployment(DEPLOYMENT_FILE), file);
  return { file, env: parseEnv(readFileSync(file, 'utf8')), cleanUp: () => rmSync(folder, { recursive: true, force: true }) };
}
