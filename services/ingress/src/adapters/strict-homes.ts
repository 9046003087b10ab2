import { REGISTRY_BUCKET, WaybillError } from '@waybill/contracts';
import { type Bus, REGISTRY_STREAM, type RegistryView, scanStream } from '@waybill/transport';
import type { RegionPorts } from '../application/regions/region-ports.ts';

const ROUTES = `$KV.${REGISTRY_BUCKET}.*.route.tenant.*`;

/** The homes of all strict tenants. The registry in memory answers for one id at a time, so the ids are read from the keys of its stream. */
export function strictHomesIn(bus: Bus, view: RegistryView): RegionPorts['strictHomes'] {
  return async () => {
    const ids = new Set<string>();
    try {
      const scan = { stream: REGISTRY_STREAM, subjects: [ROUTES], headersOnly: true };
      await scanStream(bus, scan, ({ subject }) => void ids.add(subject.slice(subject.lastIndexOf('.') + 1)));
    } catch (error) {
      throw new WaybillError('WB_NATS_AWAY', 'the registry cannot be read', { cause: error, extra: { retryAfterSeconds: 1 } });
    }
    return [...ids].flatMap((id) => {
      const home = view.route('tenant', id)?.home;
      return home === undefined ? [] : [{ id, home }];
    });
  };
}
