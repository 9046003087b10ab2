import { WaybillError } from '@waybill/contracts';
import { type Connection, connectionOf, getMultiRegion } from '@waybill/regions';

/** Which region's projector this is. Throws WB_CONFIG_INVALID, also when there are several regions and REGION does not say which. */
export function ownRegion(env?: NodeJS.ProcessEnv): string {
  const { region, order } = getMultiRegion(env);
  if (region === undefined) throw new WaybillError('WB_CONFIG_INVALID', `REGION: not set; set it to one of ${order.join(', ')}`);
  return region;
}

/** How a region's projector reaches its NATS. Throws WB_CONFIG_INVALID. */
export const natsOf = (region: string, env?: NodeJS.ProcessEnv): Connection => connectionOf({ service: 'projector', region }, env);
