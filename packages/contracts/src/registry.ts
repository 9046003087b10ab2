import { z } from 'zod';
import { eventTypeSchema, sourceIdSchema, tenantIdSchema } from './envelope/envelope.ts';
import type { EndpointId, SourceId, TenantId } from './ids.ts';
import { placementSchema, regionIdSchema } from './regions/placement.ts';
import type { Scope } from './subjects.ts';

const instant = z.iso.datetime();

/** `order.paid`, `order.*` (everything below `order.`), or `*` (everything). A `*` between dots stands for one part. */
export const eventTypePatternSchema = z
  .string()
  .max(128)
  .regex(/^(?:\*|[A-Za-z0-9_-]+)(?:\.(?:\*|[A-Za-z0-9_-]+))*$/, 'use an event type in which a part may be *, as in order.*');

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** One condition of a filter; all operators given must hold. */
export const filterConditionSchema = z.union([
  scalar,
  z.strictObject({
    eq: scalar.optional(),
    ne: scalar.optional(),
    in: z.array(scalar).max(100).optional(),
    gt: z.number().optional(),
    gte: z.number().optional(),
    lt: z.number().optional(),
    lte: z.number().optional(),
    exists: z.boolean().optional(),
    prefix: z.string().max(256).optional(),
  }),
]);
export type FilterCondition = z.infer<typeof filterConditionSchema>;

/** Conditions by dotted path into the payload, as in `{ "order.total": { "gte": 100 } }`; all must hold. */
export const filterSchema = z
  .record(z.string().min(1).max(256), filterConditionSchema)
  .refine((filter) => Object.keys(filter).length <= 20, 'use at most 20 conditions');
export type Filter = z.infer<typeof filterSchema>;

/** A signing secret of Standard Webhooks: `whsec_` and base64 of 24 to 64 bytes. */
export const signingSecretSchema = z
  .string()
  .regex(/^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/, 'use whsec_ followed by base64 of 24 to 64 bytes');

export const tenantSchema = z.object({
  id: tenantIdSchema.transform((id) => id as TenantId),
  name: z.string().max(200).optional(),
  /** What was stored before placements had a form counts as none; the API takes none of that kind. */
  placement: placementSchema.optional().catch(undefined),
  createdAt: instant,
  updatedAt: instant,
});
export type Tenant = z.infer<typeof tenantSchema>;

export const endpointSchema = z.object({
  id: z.string().transform((id) => id as EndpointId),
  tenantId: tenantIdSchema.transform((id) => id as TenantId),
  url: z.url(),
  eventTypes: z.array(eventTypePatternSchema).default(['*']),
  filter: filterSchema.optional(),
  region: z.string().optional(),
  /** Attempts that may start per second; absent: no limit. */
  rateLimit: z.number().positive().optional(),
  /** `fifo`: events with the same ordering key go one at a time, in the order in which their region accepted them. */
  ordering: z.enum(['none', 'fifo']).optional(),
  /** Whether attempts carry our `traceparent` while their trace is recorded, so that the receiver's spans join it and its sampling follows ours. */
  traceContext: z.boolean().optional(),
  /** Further request headers, sent with every attempt. */
  headers: z.record(z.string(), z.string()).optional(),
  /** Seconds between one attempt and the next; absent: the deployment's schedule. */
  retrySchedule: z.array(z.number().min(1)).optional(),
  disabled: z.object({ reason: z.enum(['manual', 'gone', 'failing']), at: instant }).optional(),
  /** The first signs and shows by `GET .../secret`; the others sign too until they expire. */
  secrets: z.array(z.object({ key: signingSecretSchema, expiresAt: instant.optional() })).min(1),
  createdAt: instant,
  updatedAt: instant,
});
export type Endpoint = z.infer<typeof endpointSchema>;

const secretText = z.string().min(1).max(512);

/** How the signature of a source is checked. */
export const verificationSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('standard-webhooks'),
    secret: z.string().regex(/^(?:whsec_)?[A-Za-z0-9+/]+={0,2}$/, 'use whsec_ followed by base64'),
    previousSecrets: z.array(z.string()).max(5).optional(),
    toleranceSeconds: z.int().min(1).max(86_400).default(300),
  }),
  z.strictObject({
    kind: z.literal('hmac'),
    secret: secretText,
    previousSecrets: z.array(secretText).max(5).optional(),
    /** Header that carries the signature, in any case. */
    header: z.string().min(1).max(128),
    algorithm: z.enum(['sha1', 'sha256', 'sha384', 'sha512']).default('sha256'),
    encoding: z.enum(['hex', 'base64']).default('hex'),
    /** Text before the signature, as `sha256=` of GitHub. */
    prefix: z.string().max(64).optional(),
    /** For headers like Stripe's `t=1492774577,v1=5257a8...`: the parameter that holds the signature. It may occur several times. */
    parameter: z.string().max(32).optional(),
    /** A signed time: from a header of its own, or from a parameter of the signature header. */
    timestamp: z
      .strictObject({
        header: z.string().max(128).optional(),
        parameter: z.string().max(32).optional(),
        toleranceSeconds: z.int().min(1).max(86_400).default(300),
        /** What is signed; `{timestamp}` and `{body}` are replaced. */
        signedContent: z.string().max(128).default('{timestamp}.{body}'),
      })
      .refine((at) => (at.header === undefined) !== (at.parameter === undefined), 'give either header or parameter')
      .optional(),
  }),
  z.strictObject({ kind: z.literal('none') }),
]);
export type Verification = z.infer<typeof verificationSchema>;

/** Where the type of an event comes from, tried in the order header, field, fixed. */
export const eventTypeRuleSchema = z.strictObject({
  header: z.string().max(128).optional(),
  /** Dotted path into the body. */
  field: z.string().max(128).optional(),
  fixed: eventTypeSchema.optional(),
  /** Put before what was found, with a dot between. */
  prefix: eventTypeSchema.optional(),
});

export const sourceSchema = z.object({
  id: sourceIdSchema.transform((id) => id as SourceId),
  tenantId: tenantIdSchema.transform((id) => id as TenantId),
  name: z.string().max(200).optional(),
  verification: verificationSchema,
  eventType: eventTypeRuleSchema.optional(),
  /** Header that identifies one event of the provider; absent: the well-known ones are looked for. */
  idempotencyHeader: z.string().max(128).optional(),
  createdAt: instant,
  updatedAt: instant,
});
export type Source = z.infer<typeof sourceSchema>;

/** How an endpoint has been doing, written by the dispatcher when it changes. */
export const endpointHealthSchema = z.object({ endpointId: z.string(), failingSince: instant });
export type EndpointHealth = z.infer<typeof endpointHealthSchema>;

/** All that other regions know of a strict tenant, or of a source of one: where its home is. */
export const routeRecordSchema = z.object({ id: z.string(), kind: z.enum(['tenant', 'source']), home: regionIdSchema, updatedAt: instant });
export type RouteRecord = z.infer<typeof routeRecordSchema>;

/** Where a region's ingress can be reached from outside; `internalUrl` by the other regions' services, when that is elsewhere. */
export const regionAddressSchema = z.object({ id: regionIdSchema, url: z.url(), internalUrl: z.url().optional(), updatedAt: instant });
export type RegionAddress = z.infer<typeof regionAddressSchema>;

/** Stands in the place of a record that was removed: a region cannot remove what another region wrote, only say something newer. */
export const removedSchema = z.object({ removed: z.literal(true), updatedAt: instant });
export type Removed = z.infer<typeof removedSchema>;

export const REGISTRY_KINDS = ['tenant', 'endpoint', 'source', 'health', 'route', 'region', 'pause'] as const;
export type RegistryKind = (typeof REGISTRY_KINDS)[number];
/** Kinds that the other regions get a copy of, unless they belong to a strict tenant. */
export const REPLICATED_KINDS = ['tenant', 'endpoint', 'source', 'route', 'region', 'pause'] as const satisfies readonly RegistryKind[];

const LOCAL = 'l';

/** The key of an entry. A region writes only below its own prefix; scope `l` is never replicated. */
export function registryKey(region: string, scope: Scope, kind: RegistryKind, path: readonly string[]): string {
  return (scope === LOCAL ? [region, LOCAL, kind, ...path] : [region, kind, ...path]).join('.');
}

export interface RegistryKey {
  readonly region: string;
  readonly scope: Scope;
  readonly kind: RegistryKind;
  readonly path: readonly string[];
}

/** Parses a registry key; `path` is what follows the kind. Undefined for keys of another making. */
export function parseRegistryKey(key: string): RegistryKey | undefined {
  const [region, ...rest] = key.split('.');
  const scope: Scope = rest[0] === LOCAL ? LOCAL : 'g';
  const [name, ...path] = scope === LOCAL ? rest.slice(1) : rest;
  const kind = REGISTRY_KINDS.find((known) => known === name);
  if (region === undefined || kind === undefined || path.length === 0) return undefined;
  return { region, scope, kind, path };
}

/** Keys of a region's entries that the other regions get a copy of, as filters for its registry's subjects. */
export const replicatedRegistryKeys = (region: string): string[] => REPLICATED_KINDS.map((kind) => `${region}.${kind}.>`);

/** Endpoint id that stands for a region's `webhook_url`: where events go whose tenant has no endpoint of its own in that region. */
export const defaultEndpointId = (region: string): EndpointId => `region.${region}` as EndpointId;
