import type { Endpoint, Pause, Source, Tenant } from '@waybill/contracts';

/** What lists are read from: the registry in memory. */
export interface RegistryReader {
  tenants(): readonly Tenant[];
  endpointsOf(tenantId: string): readonly Endpoint[];
  sources(): readonly Source[];
  pauses(): readonly Pause[];
}
