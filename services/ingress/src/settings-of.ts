import type { RegionConfig } from '@waybill/regions';
import { z } from 'zod';
import type { Settings, Variable } from './application/settings.ts';
import { type IngressConfig, ingressConfigSchema } from './config.ts';
import type { Deployment } from './deployment.ts';

/** Equal to the version of this package, which a spec checks. */
export const INGRESS_VERSION = '0.1.0';

/** Texts that are no secrets. All others are masked, so that a new variable is shown by nobody's forgetting. */
const SHOWN: readonly string[] = [
  'REGION',
  'NATS_URL',
  'NATS_USER',
  'APP_HOST',
  'DASHBOARD_DIR',
  'DATA_DIR',
  'PROJECTOR_URL',
  'TRACES_URL',
  'TRACE_LINK_TEMPLATE',
  'PUBLIC_URL',
  'INTERNAL_URL',
  'CONTROL_DOMAIN',
  'TRACE_TRUSTED_SOURCES',
] satisfies (keyof IngressConfig)[];
const MASK = '[hidden]';

/** What can be shown of how this process is set up; made once, at the start. `hasGithub`: whether there is an App. */
export function settingsOf(config: IngressConfig, deployment: Deployment, hasGithub: boolean): Settings {
  const { region, multiRegion, configs } = deployment;
  return {
    region,
    version: INGRESS_VERSION,
    variables: Object.entries(ingressConfigSchema.shape).map(([name, schema]) => variableOf(name, schema, Reflect.get(config, name))),
    regions: configs.map(shownRegion),
    eventSchema: { version: config.EVENT_SCHEMA_VERSION, minCompatible: config.EVENT_SCHEMA_MIN_COMPATIBLE },
    flags: { ...multiRegion, githubApp: hasGithub },
    ...(config.TRACE_LINK_TEMPLATE === undefined ? {} : { traceLink: config.TRACE_LINK_TEMPLATE }),
  };
}

function variableOf(name: string, schema: z.ZodType, value: unknown): Variable {
  const isDefault = textOf(schema.safeParse(undefined).data) === textOf(value);
  if (value === undefined) return { name, isDefault };
  if (typeof value === 'number' || typeof value === 'boolean' || isChoice(schema)) return { name, value, isDefault };
  // Networks: in numbers of their own, that nobody could read.
  if (Array.isArray(value)) return { name, value: `${value.length} networks`, isDefault };
  if (typeof value === 'string' && SHOWN.includes(name)) return { name, value: withoutSecrets(value), isDefault };
  return { name, masked: true, isDefault };
}

const isChoice = (schema: z.ZodType): boolean =>
  schema instanceof z.ZodEnum || (schema instanceof z.ZodDefault && schema.unwrap() instanceof z.ZodEnum);
const textOf = (value: unknown): string =>
  JSON.stringify(value, (_name, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner)) ?? '';

/** Addresses may hold a user with a password, or a token: all before the last "@" is masked, for a password may hold every other mark; so is a query. */
const withoutSecrets = (text: string): string => text.replace(/^([a-z]+:\/\/)?.*@/s, `$1${MASK}@`).replace(/[?#].+$/s, `?${MASK}`);

function shownRegion({ key, host, webhookUrl, ...rest }: RegionConfig): Settings['regions'][number] {
  const address = webhookUrl === undefined ? {} : { webhookUrl: withoutSecrets(webhookUrl) };
  return { ...rest, host: withoutSecrets(host), ...address, key: key === '' ? 'none' : MASK };
}
