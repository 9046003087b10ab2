import type { DeliveryId } from './ids.ts';

/** `g`: replicated to the other regions. `l`: stays in its region; the replication filter cannot see it. */
export type Scope = 'g' | 'l';

/** The facts that a LOG holds, as `<noun>.<verb>`. */
export const FACT_TYPES = ['event.accepted', 'event.refused', 'plan.made', 'delivery.attempted', 'delivery.refused'] as const;
export type FactType = (typeof FACT_TYPES)[number];

export const REGION_ID = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;

const upper = (region: string): string => region.toUpperCase().replaceAll('-', '_');

/** Names of the streams and buckets of a region. */
export const streamNames = (region: string) => ({
  log: `LOG_${upper(region)}`,
  peers: `PEERS_${upper(region)}`,
  retry: `RETRY_${upper(region)}`,
});
export const REGISTRY_BUCKET = 'registry';

/** Durable consumers, by the service that owns them. */
export const CONSUMERS = {
  planner: 'planner',
  dispatcherPlans: 'dispatcher_plans',
  dispatcherDue: 'dispatcher_due',
  projector: 'projector',
} as const;

/**
 * Builds every subject of Waybill. A LOG subject never holds an id: each distinct subject costs the server 180-280 bytes of memory for ever
 * (measured on 2.15.1). RETRY subjects do hold one, because a schedule is replaced and removed by its subject.
 */
export const subjects = {
  fact: (region: string, scope: Scope, type: Exclude<FactType, 'plan.made'>): string => `wb.${region}.${scope}.${type}`,
  /** A plan names the region that must deliver it, so that region's dispatcher can filter on it. */
  plan: (region: string, scope: Scope, deliverIn: string): string => `wb.${region}.${scope}.plan.made.${deliverIn}`,
  logFilter: (region: string): string[] => [`wb.${region}.g.>`, `wb.${region}.l.>`],
  factFilter: (region: string, type: FactType): string => `wb.${region}.*.${type}${type === 'plan.made' ? '.>' : ''}`,
  plansFor: (region: string, deliverIn: string): string => `wb.${region}.*.plan.made.${deliverIn}`,
  retryFilter: (region: string): string => `wb.${region}.retry.>`,
  retrySchedule: (region: string, deliveryId: DeliveryId): string => `wb.${region}.retry.s.${deliveryId}`,
  retryDue: (region: string): string => `wb.${region}.retry.due`,
};

/** What a LOG subject says. `deliverIn` is set for plans only. */
export interface FactSubject {
  readonly region: string;
  readonly scope: Scope;
  readonly type: FactType;
  readonly deliverIn?: string;
}

/** Parses a LOG subject; undefined for anything else. */
export function parseFactSubject(subject: string): FactSubject | undefined {
  const [root, region, scope, noun, verb, deliverIn, ...rest] = subject.split('.');
  if (root !== 'wb' || region === undefined || (scope !== 'g' && scope !== 'l') || rest.length > 0) return undefined;
  const type = FACT_TYPES.find((known) => known === `${noun}.${verb}`);
  if (type === undefined || (type === 'plan.made') !== (deliverIn !== undefined)) return undefined;
  return deliverIn === undefined ? { region, scope, type } : { region, scope, type, deliverIn };
}

/** Header names of messages in a LOG. */
export const HEADERS = {
  msgId: 'Nats-Msg-Id',
  /** 128-bit hash of (tenant, source, idempotency key), hex; only on events whose sender gave a key. */
  idempotency: 'Wb-Idempotency',
  /** Hash of the body that came with the key, to tell "again" from "another body, same key". */
  bodyHash: 'Wb-Body-Hash',
  /** Revision of the registry that the writer had seen: a reader waits until it has seen at least as much. */
  registryRevision: 'Wb-Registry',
} as const;
