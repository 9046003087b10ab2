import { isDeepStrictEqual } from 'node:util';
import { GITHUB_SOURCE, type Source, sourceSchema, type Tenant, type Verification, WaybillError } from '@waybill/contracts';
import { z } from 'zod';
import { parseWith } from '../parse-with.ts';
import type { Residency } from '../residency.ts';
import { mergePatch } from './merge-patch.ts';
import type { OneAtATime } from './one-at-a-time.ts';
import { requireTenant } from './tenants.ts';

const { tenantId, name, eventType, idempotencyHeader } = sourceSchema.shape;
const id = sourceSchema.shape.id.refine(
  (wanted) => wanted !== GITHUB_SOURCE,
  `"${GITHUB_SOURCE}" is taken: POST /webhooks/${GITHUB_SOURCE} is for the GitHub App of this deployment; use another id`,
);

/** A template without `{body}` would accept any body under a signature that was seen once. */
const verification = sourceSchema.shape.verification.refine(
  (wanted) => wanted.kind !== 'hmac' || (wanted.timestamp?.signedContent ?? '{body}').includes('{body}'),
  { path: ['timestamp', 'signedContent'], message: 'the signed content must include {body}' },
);

/** The body of `POST /v1/sources`. */
export const sourceBodySchema = z
  .strictObject({ id, tenantId, name, verification, eventType, idempotencyHeader })
  .meta({ id: 'SourceBody' });
/** The body of `PUT /v1/sources/{id}`. */
export const sourcePutSchema = z
  .strictObject({ id: id.optional(), tenantId, name, verification, eventType, idempotencyHeader })
  .meta({ id: 'SourceReplacement' });
/** The body of `PATCH /v1/sources/{id}`: what is absent stays, `null` removes; `verification` is replaced as a whole. */
export const sourcePatchSchema = z
  .strictObject({
    name: name.nullable(),
    verification: verification.optional(),
    eventType: eventType.nullable(),
    idempotencyHeader: idempotencyHeader.nullable(),
  })
  .meta({ id: 'SourcePatch' });

/** A source as it is shown: how it verifies, without the secrets. */
export const sourceViewSchema = sourceSchema
  .omit({ verification: true })
  .extend({ verification: z.looseObject({ kind: z.string() }) })
  .meta({ id: 'Source' });
export type SourceView = z.output<typeof sourceViewSchema>;

export interface SourcePorts {
  readonly residency: Residency;
  /** Throws WB_MISDIRECTED for a strict tenant of another region; `find` does so for a source of one. */
  readonly tenant: (id: string) => Tenant | undefined;
  readonly find: (id: string) => Source | undefined;
  readonly create: (source: Source) => Promise<unknown>;
  readonly save: (source: Source) => Promise<unknown>;
  readonly update: (id: string, change: (current: Source) => Source) => Promise<unknown>;
  /** Removes all that is kept of a source, also when a removal ended half-way before. */
  readonly remove: (id: string) => Promise<unknown>;
  readonly inTurn: OneAtATime;
  readonly nowMs: () => number;
  readonly allowUnverified: boolean;
}

/** What may be shown of a source. The secrets are left out rather than masked, so that nothing masked can be sent back as a secret. */
export function sourceView(source: Source): SourceView {
  const shown = Object.entries(source.verification).filter(([field]) => field !== 'secret' && field !== 'previousSecrets');
  return sourceViewSchema.parse({ ...source, verification: Object.fromEntries(shown) });
}

/** Finds a source. Throws WB_SOURCE_UNKNOWN. */
export function requireSource(find: SourcePorts['find'], sourceId: string): Source {
  const source = find(sourceId);
  if (source === undefined) throw new WaybillError('WB_SOURCE_UNKNOWN', `there is no source ${sourceId}`);
  return source;
}

function checkVerification(ports: SourcePorts, wanted: Verification | undefined): void {
  if (wanted?.kind !== 'none' || ports.allowUnverified) return;
  throw new WaybillError('WB_VERIFICATION_NONE_REFUSED', 'a source with verification kind "none" would accept anything from anyone');
}

const withoutTimes = ({ createdAt: _created, updatedAt: _updated, ...content }: Source): object => content;

/** A source cannot follow its tenant's residency: what was replicated is already elsewhere, and what was not has a route of its own. */
function checkStays({ residency }: SourcePorts, current: Source, wantedTenant: string): void {
  if (residency.homeOf('source', current.id) === residency.homeOf('tenant', wantedTenant)) return;
  throw new WaybillError(
    'WB_CONFLICT',
    `source ${current.id} belongs to a tenant of another residency: remove it first, or use another id`,
  );
}

/** Creates a source; the same content again is fine. Throws WB_CONFLICT when the id belongs to another one. */
export async function createSource(ports: SourcePorts, body: unknown): Promise<{ source: SourceView; created: boolean }> {
  const wanted = parseWith(sourceBodySchema, body);
  return ports.inTurn.run(wanted.id, async () => {
    requireTenant(ports.tenant, wanted.tenantId);
    checkVerification(ports, wanted.verification);
    const now = new Date(ports.nowMs()).toISOString();
    const source = sourceSchema.parse({ ...wanted, createdAt: now, updatedAt: now });
    const current = ports.find(source.id);
    if (current === undefined) {
      await ports.create(source);
      return { source: sourceView(source), created: true };
    }
    if (isDeepStrictEqual(withoutTimes(current), withoutTimes(source))) return { source: sourceView(current), created: false };
    throw new WaybillError('WB_CONFLICT', `source ${source.id} exists already`);
  });
}

/** Creates a source or replaces it as a whole. Throws WB_CONFLICT when it would come to a tenant of another residency. */
export async function putSource(ports: SourcePorts, sourceId: string, body: unknown): Promise<{ source: SourceView; created: boolean }> {
  const given = parseWith(sourcePutSchema, body);
  const wanted = parseWith(sourceBodySchema, { ...given, id: sourceId });
  if (given.id !== undefined && given.id !== sourceId)
    throw new WaybillError('WB_CONFLICT', `the path says ${sourceId}, the body ${given.id}`);
  return ports.inTurn.run(sourceId, async () => {
    const current = ports.find(sourceId);
    if (current !== undefined) checkStays(ports, current, wanted.tenantId);
    requireTenant(ports.tenant, wanted.tenantId);
    checkVerification(ports, wanted.verification);
    const now = new Date(ports.nowMs()).toISOString();
    const source = sourceSchema.parse({ ...wanted, createdAt: current?.createdAt ?? now, updatedAt: now });
    await ports.save(source);
    return { source: sourceView(source), created: current === undefined };
  });
}

/** Changes the fields that are given. */
export async function patchSource(ports: SourcePorts, sourceId: string, body: unknown): Promise<SourceView> {
  requireSource(ports.find, sourceId);
  const patch = parseWith(sourcePatchSchema, body);
  checkVerification(ports, patch.verification);
  const updatedAt = new Date(ports.nowMs()).toISOString();
  await ports.update(sourceId, (current) => sourceSchema.parse({ ...mergePatch(current, patch), updatedAt }));
  return sourceView(requireSource(ports.find, sourceId));
}

/** Removes a source: its webhooks are refused from now on. */
export function deleteSource(ports: SourcePorts, sourceId: string): Promise<unknown> {
  return ports.inTurn.run(sourceId, async () => {
    ports.residency.requireHere('source', sourceId);
    // A route without its source: an earlier removal was cut off between the two.
    if (ports.residency.homeOf('source', sourceId) === undefined) requireSource(ports.find, sourceId);
    await ports.remove(sourceId);
  });
}
