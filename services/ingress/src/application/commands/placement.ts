import { isStrict, type Placement, WaybillError } from '@waybill/contracts';
import { type FieldError, schemaViolation } from '../parse-with.ts';

const unknownRegion = (path: string, id: string, known: readonly string[]): FieldError => ({
  path,
  message: `there is no region ${id}; there are ${known.join(', ')}`,
});

/** Throws WB_SCHEMA_VIOLATION for a placement that names a region which is not among `known`. */
export function checkPlacement(placement: Placement | undefined, known: readonly string[]): void {
  const named = [
    ...(placement?.home === undefined ? [] : [{ path: 'placement.home', id: placement.home }]),
    ...(placement?.failover ?? []).map((id, index) => ({ path: `placement.failover.${index}`, id })),
  ];
  const errors = named.filter(({ id }) => !known.includes(id)).map(({ path, id }) => unknownRegion(path, id, known));
  if (errors.length > 0) throw schemaViolation(errors);
}

/** Throws WB_PLACEMENT_FIXED when a tenant that exists would become strict, stop being strict, or move. `home` is that of a strict tenant. */
export function checkPlacementStays(tenantId: string, home: string | undefined, wanted: Placement | undefined): void {
  const wantedHome = isStrict(wanted) ? wanted?.home : undefined;
  if (wantedHome === home) return;
  const is = home === undefined ? 'replicated' : `strict with the home ${home}`;
  throw new WaybillError('WB_PLACEMENT_FIXED', `tenant ${tenantId} is ${is}, and that cannot change: send its placement as it is`);
}

/** Throws WB_SCHEMA_VIOLATION for an endpoint's `region` that is not known, or that is not the `home` of its strict tenant. */
export function checkEndpointRegion(region: string | undefined, known: readonly string[], home: string | undefined): void {
  if (region === undefined) return;
  if (!known.includes(region)) throw schemaViolation([unknownRegion('region', region, known)]);
  if (home === undefined || region === home) return;
  throw schemaViolation([{ path: 'region', message: `a strict tenant is served in its home alone: use ${home}, or leave it out` }]);
}
