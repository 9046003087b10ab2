import type { Endpoint, EndpointHealth } from '@waybill/contracts';
import type { EndpointHealthPort } from './attempt-ports.ts';

/** Why an endpoint is disabled without its owner's doing. */
export type DisableReason = 'gone' | 'failing';

export interface EndpointHealthPorts {
  /** Disables the endpoint in the registry; a no-op when it is disabled or deleted already. */
  readonly disable: (endpoint: Endpoint, reason: DisableReason) => Promise<void>;
  readonly healthOf: (endpoint: Endpoint) => EndpointHealth | undefined;
  readonly saveHealth: (endpoint: Endpoint, health: EndpointHealth) => Promise<void>;
  readonly removeHealth: (endpoint: Endpoint) => Promise<void>;
  /** Repeats a write until it succeeds or the process stops. */
  readonly persistently: <T>(write: () => Promise<T>) => Promise<T>;
  readonly onError: (error: unknown) => void;
  readonly nowMs: () => number;
  /** An endpoint that failed for this long without one success is disabled. */
  readonly disableAfterMs: number;
}

/**
 * Keeps in the registry since when an endpoint fails: written when its circuit opens, removed with its first success, so it costs the healthy
 * nothing. After `disableAfterMs` the endpoint is disabled. An endpoint that its owner changed meanwhile starts anew.
 */
export class EndpointHealthKeeper implements EndpointHealthPort {
  readonly #ports: EndpointHealthPorts;
  /** One write per endpoint at a time: many attempts may report the same within a moment. */
  readonly #writing = new Set<string>();

  constructor(ports: EndpointHealthPorts) {
    this.#ports = ports;
  }

  gone(endpoint: Endpoint): Promise<void> {
    return this.#ports.persistently(() => this.#ports.disable(endpoint, 'gone'));
  }

  succeeded(endpoint: Endpoint): void {
    if (this.#ports.healthOf(endpoint) !== undefined) this.#write(endpoint, () => this.#ports.removeHealth(endpoint));
  }

  failed(endpoint: Endpoint, circuitOpened: boolean): void {
    const health = this.#ports.healthOf(endpoint);
    if (health !== undefined) return this.#judge(endpoint, Date.parse(health.failingSince));
    if (!circuitOpened) return;
    const failingSince = new Date(this.#ports.nowMs()).toISOString();
    this.#write(endpoint, () => this.#ports.saveHealth(endpoint, { endpointId: endpoint.id, failingSince }));
  }

  #judge(endpoint: Endpoint, failingSinceMs: number): void {
    const sinceMs = Math.max(failingSinceMs, Date.parse(endpoint.updatedAt));
    if (this.#ports.nowMs() - sinceMs >= this.#ports.disableAfterMs) this.#write(endpoint, () => this.#ports.disable(endpoint, 'failing'));
  }

  #write(endpoint: Endpoint, write: () => Promise<void>): void {
    if (this.#writing.has(endpoint.id)) return;
    this.#writing.add(endpoint.id);
    // In the background: no delivery waits for it, and the next attempt repeats what failed.
    void write()
      .catch(this.#ports.onError)
      .finally(() => this.#writing.delete(endpoint.id));
  }
}
