import type { Endpoint, EndpointHealth, Pause, Source, Tenant } from '@waybill/contracts';

/** What lists are read from: the registry in memory. */
export interface RegistryReader {
  tenants(): readonly Tenant[];
  endpointsOf(tenantId: string): readonly Endpoint[];
  /** Absent while all goes well. */
  health(tenantId: string, endpointId: string): EndpointHealth | undefined;
  sources(): readonly Source[];
  pauses(): readonly Pause[];
}
