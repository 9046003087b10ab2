import { type Endpoint, isWaybillError } from '@waybill/contracts';
import type { RegistryView, RegistryWriter } from '@waybill/transport';
import type { DisableReason, EndpointHealthPorts } from '../application/endpoint-health.ts';

type RegistryPorts = Pick<EndpointHealthPorts, 'disable' | 'healthOf' | 'saveHealth' | 'removeHealth'>;

const pathOf = (endpoint: Endpoint): string[] => [endpoint.tenantId, endpoint.id];

/** Endpoint health in the registry bucket, and the switch that disables an endpoint. */
export function registryHealth(view: RegistryView, writer: RegistryWriter, nowMs: () => number): RegistryPorts {
  return {
    healthOf: ({ tenantId, id }) => view.health(tenantId, id),
    saveHealth: async (endpoint, health) => {
      await writer.put('health', pathOf(endpoint), health);
    },
    removeHealth: (endpoint) => writer.remove('health', pathOf(endpoint)),
    disable: async (endpoint, reason) => {
      if (view.endpoint(endpoint.tenantId, endpoint.id)?.disabled !== undefined) return;
      try {
        await writer.update('endpoint', pathOf(endpoint), (current) => disabled(current, reason, nowMs()));
      } catch (error) {
        // Deleted meanwhile: nothing is left to disable.
        if (view.endpoint(endpoint.tenantId, endpoint.id) !== undefined || !isWaybillError(error) || error.code !== 'WB_CONFLICT')
          throw error;
      }
    },
  };
}

function disabled(current: Endpoint, reason: DisableReason, nowMs: number): Endpoint {
  if (current.disabled !== undefined) return current;
  const at = new Date(nowMs).toISOString();
  return { ...current, disabled: { reason, at }, updatedAt: at };
}
