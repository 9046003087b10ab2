import {
  type Endpoint,
  endpointSchema,
  jobCreatedSchema,
  type RegionState,
  type Tenant,
  tenantSchema,
  type JobId,
} from '@waybill/contracts';
import type { FactHere } from '../append-fact.ts';
import { OneAtATime } from '../commands/one-at-a-time.ts';
import { type DeadLetter, deadLetterSchema, type DeliverySeen } from '../dead-letters/dead-letter-reads.ts';
import type { RecoveryPorts } from '../recovery-ports.ts';
import { misdirected } from '../residency.ts';
import { JobIndex } from './job-index.ts';
import type { StreamReach } from './replay.ts';

export const DAY_MS = 86_400_000;
export const caller = { actor: 'eve', reason: undefined };
const at = '2026-01-01T00:00:00.000Z';
const PAGE = 250;

/** A dead letter of region `us` whose messages are in its LOG. */
export const deadLetter = (n: number, more: Partial<DeadLetter> = {}): DeadLetter =>
  deadLetterSchema.parse({
    id: `dlv_${n}`,
    kind: 'delivery',
    at,
    tenantId: 'acme',
    endpointId: 'ep',
    eventId: `evt_${n}`,
    eventType: 'order.paid',
    region: 'us',
    scope: 'g',
    reason: 'attempts_exhausted',
    state: 'open',
    event: { stream: 'LOG_US', seq: n + 1 },
    plan: { stream: 'LOG_US', seq: n + 2 },
    ...more,
  });

/** What the read models, the registry and the streams of region `us` hold; `us` and `eu` are the regions. */
class World {
  nowMs = Date.UTC(2026, 0, 10);
  deadLetters: DeadLetter[] = [];
  readonly deliveries = new Map<string, DeliverySeen>();
  readonly endpoints: Endpoint[] = [];
  readonly tenants: Tenant[] = ['acme', 'other'].map((id) => tenantSchema.parse({ id, createdAt: at, updatedAt: at }));
  readonly strictElsewhere = new Set<string>();
  euState: RegionState = 'active';
  /** How far the read models are, of 10 messages. */
  readTo = 10;
  created = at;
  log: StreamReach = { stream: 'LOG_US', messages: 10, firstSeq: 5, firstMs: Date.UTC(2026, 0, 3) };
  peers: StreamReach = { stream: 'PEERS_US', messages: 10, firstSeq: 1, firstMs: Date.UTC(2026, 0, 8) };
  readonly facts: FactHere[] = [];
  /** What was done, in order. */
  readonly calls: string[] = [];
  leftOut = 0;
  /** Called before each fact is stored; what it throws is the end of the process. */
  beforeAppend: () => void = () => undefined;

  endpoint(tenantId: string, id: string, more: object = {}): void {
    const common = { url: 'https://receiver.test', secrets: [{ key: `whsec_${'A'.repeat(32)}` }], createdAt: at, updatedAt: at };
    this.endpoints.push(endpointSchema.parse({ tenantId, id, ...common, ...more }));
  }
  ofType(type: FactHere['type']): FactHere[] {
    return this.facts.filter((fact) => fact.type === type);
  }
}

function registryOf(world: World): Pick<RecoveryPorts, 'requireHere' | 'scopeOf' | 'tenant' | 'tenants' | 'endpointsOf'> {
  const requireHere = (kind: 'tenant' | 'source', id: string): void => {
    if (world.strictElsewhere.has(id)) throw misdirected(kind, id, 'eu');
  };
  return {
    requireHere,
    scopeOf: (tenantId) => (tenantId === 'strict' ? 'l' : 'g'),
    tenant: (id) => {
      requireHere('tenant', id);
      return world.tenants.find((tenant) => tenant.id === id);
    },
    tenants: () => world.tenants,
    endpointsOf: (tenantId) => world.endpoints.filter((endpoint) => endpoint.tenantId === tenantId),
  };
}

function readsOf(world: World): RecoveryPorts['reads'] {
  return {
    position: async () => ({ log: { seq: world.readTo, created: world.created }, peers: { seq: 10, created: at } }),
    page: async (filter, iterator) => {
      world.calls.push('page');
      const fits = world.deadLetters.filter(
        (one) => one.state === 'open' && one.region === filter.region && one.tenantId === (filter.tenantId ?? one.tenantId),
      );
      const start = Number(iterator ?? 0);
      const end = start + PAGE;
      return { data: fits.slice(start, end), done: end >= fits.length, iterator: String(end) };
    },
    find: async (id) => world.deadLetters.find((one) => one.id === id),
    delivery: async (id) => world.deliveries.get(id),
  };
}

/** The outside of the commands in plain memory; `start` begins a process on it, which knows the jobs that were stored. */
export function fakeRecovery() {
  const world = new World();
  let ids = 0;
  const mark = (): string => String((ids += 1));
  const start = (): RecoveryPorts => {
    const index = new JobIndex();
    for (const { body } of world.ofType('job.created')) index.note({ type: 'job.created', fact: jobCreatedSchema.parse(body) });
    return {
      ...registryOf(world),
      region: 'us',
      order: ['us', 'eu'],
      regions: { region: 'us', order: ['us', 'eu'], control: controlOf(world) },
      index,
      isLoaded: () => true,
      catchUp: async () => undefined,
      append: async (fact) => {
        world.beforeAppend();
        world.calls.push(fact.type);
        return { seq: world.facts.push(fact) };
      },
      inTurn: new OneAtATime(),
      newId: () => `job_${mark()}` as JobId,
      newMark: mark,
      nowMs: () => world.nowMs,
      reads: readsOf(world),
      ends: async () => ({ log: { stream: 'LOG_US', seq: 10, created: at }, peers: { stream: 'PEERS_US', seq: 10, created: at } }),
      reach: async () => ({ log: world.log, peers: world.peers }),
      wait: async (ms) => {
        world.nowMs += ms;
      },
      stopping: new AbortController(),
      onLeftOut: (_jobId, count) => {
        world.leftOut += count;
      },
    };
  };
  return { world, start };
}

/** As much of the control bucket as is asked for here. */
function controlOf(world: World): RecoveryPorts['regions']['control'] {
  const record = (region: string) => ({
    v: 1 as const,
    region,
    state: region === 'eu' ? world.euState : ('active' as const),
    epoch: 1,
    share: 100,
    since: at,
    who: 'admin',
    why: 'test',
    how: 'manual' as const,
    renewedAt: at,
    holder: 'test',
  });
  return {
    record,
    report: () => undefined,
    unchangedMs: () => 0,
    failure: undefined,
    routing: () => {
      throw new Error('nobody asks here');
    },
    refresh: async () => undefined,
    change: async () => record('us'),
  };
}
