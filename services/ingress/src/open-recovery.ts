import { randomBytes, randomUUID } from 'node:crypto';
import { newJobId } from '@waybill/contracts';
import type { RegistryView } from '@waybill/transport';
import { deadLetterReads } from './adapters/http/dead-letter-reads.ts';
import type { Projector } from './adapters/http/projector.ts';
import { FollowedJobs } from './adapters/jobs/followed-jobs.ts';
import { waitUnlessStopping } from './adapters/region-ports.ts';
import { reachIn } from './adapters/stream-reach.ts';
import type { AppendFact } from './application/append-fact.ts';
import { OneAtATime } from './application/commands/one-at-a-time.ts';
import type { RecoveryPorts } from './application/recovery-ports.ts';
import type { RegionPorts } from './application/regions/region-ports.ts';
import type { Residency } from './application/residency.ts';
import type { IngressParts } from './ingress.ts';

const RANDOM_BYTES = 10;

export interface RecoveryNeeds {
  readonly append: AppendFact;
  readonly registry: RegistryView;
  readonly residency: Residency;
  readonly projector: Projector;
  readonly regions: RegionPorts;
}

/** Follows the jobs of this region and gives the commands on dead letters, deliveries and jobs what they need; `lifecycle` owns what is opened. */
export function openRecovery({ bus, deployment, logger, health, lifecycle, nowMs }: IngressParts, needs: RecoveryNeeds): RecoveryPorts {
  const { region, order } = deployment;
  const { append, registry, residency, projector, regions } = needs;
  const jobs = lifecycle.own('jobs', new FollowedJobs({ bus, region, logger }), (owned) => owned.close());
  // Events are accepted whatever is known of jobs, so it never makes the ingress not ready.
  health.declare('jobs', () => (jobs.failure === undefined ? { ok: true } : { ok: true, detail: jobs.failure }));
  const reach = reachIn(bus, region, order.length > 1);
  return {
    region,
    order,
    regions,
    index: jobs.index,
    isLoaded: () => jobs.isLoaded,
    catchUp: () => jobs.catchUp(),
    append,
    inTurn: new OneAtATime(),
    newId: (atMs) => newJobId(atMs, randomBytes(RANDOM_BYTES)),
    newMark: randomUUID,
    nowMs,
    reads: deadLetterReads(projector),
    ends: reach,
    reach,
    wait: waitUnlessStopping,
    stopping: new AbortController(),
    requireHere: residency.requireHere.bind(residency),
    scopeOf: residency.scopeOf.bind(residency),
    tenant: (id) => {
      residency.requireHere('tenant', id);
      return registry.tenant(id);
    },
    tenants: () => registry.tenants(),
    endpointsOf: (tenantId) => registry.endpointsOf(tenantId),
    onLeftOut: (jobId, count) => logger.warn({ event: 'job.left_out', jobId, count }, 'their events are not in this region any more'),
  };
}
