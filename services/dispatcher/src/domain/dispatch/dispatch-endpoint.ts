import {
  type Endpoint,
  type EndpointId,
  endpointSchema,
  parseGithubEndpointId,
  type Placement,
  placementSchema,
  type TenantId,
} from '@waybill/contracts';

const LANE = 'github:';
const NEVER_CHANGED = new Date(0).toISOString();

/**
 * Where the deliveries of a GitHub owner may go, whatever the tenants say: to any region that stands in, because one region at a time writes through an
 * installation. Never spilled.
 */
export const DISPATCH_PLACEMENT: Placement = placementSchema.parse({ residency: 'replicated', spill: 'never' });

/** Whether this delivery is a workflow dispatch. */
export const isDispatch = (endpointId: string): boolean => parseGithubEndpointId(endpointId) !== undefined;

/** Whether this is the stand-in of `dispatchEndpoint`, which no registry holds. */
export const isDispatchLane = ({ id }: Pick<Endpoint, 'id'>): boolean => id.startsWith(LANE);

/** What the gate knows the installation of `owner` by: `github:<owner>`. */
export const laneOfOwner = (owner: string): string => `${LANE}${owner.toLowerCase()}`;

/**
 * What stands for the endpoint of a workflow dispatch: always enabled. Its id is that of the owner's installation, so that all dispatches through one
 * installation share a lane of the gate, at `writesPerSecond`. Undefined for endpoints of the registry.
 */
export function dispatchEndpoint(tenantId: TenantId, endpointId: EndpointId, writesPerSecond: number): Endpoint | undefined {
  const target = parseGithubEndpointId(endpointId);
  if (target === undefined) return undefined;
  return endpointSchema.parse({
    id: laneOfOwner(target.owner),
    tenantId,
    url: 'https://github.invalid',
    rateLimit: writesPerSecond,
    // No webhook goes there; an endpoint without a key is none.
    secrets: [{ key: `whsec_${'A'.repeat(32)}` }],
    createdAt: NEVER_CHANGED,
    updatedAt: NEVER_CHANGED,
  });
}
