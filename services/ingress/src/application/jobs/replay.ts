import { isDeepStrictEqual } from 'node:util';
import {
  type Endpoint,
  eventTypePatternSchema,
  type Job,
  jobRateSchema,
  type ReplaySpec,
  replaySpecSchema,
  type Tenant,
  WaybillError,
} from '@waybill/contracts';
import { z } from 'zod';
import { byWhomWithReason, type Caller, reasonSchema } from '../by-whom.ts';
import { parseWith, schemaViolation } from '../parse-with.ts';
import { requireRegion } from '../regions/region-ports.ts';
import { createJob } from './create-job.ts';
import { type JobPorts, refuseOverlap, viewOf } from './job-ports.ts';
import type { JobView } from './job-view.ts';

const { from, to, tenantId, region, destinations, endpointId, into } = replaySpecSchema.shape;

/** The body of `POST /v1/replays`. `destinations` may be left out with `into`, which names the only one. */
export const replayBodySchema = z
  .strictObject({
    from,
    to,
    tenantId,
    region,
    endpointId,
    into,
    eventTypes: z.array(eventTypePatternSchema).min(1).max(50).optional(),
    destinations: destinations.optional(),
    reason: reasonSchema.optional(),
    ratePerSecond: jobRateSchema.optional(),
    start: z.boolean().default(false),
  })
  .refine((body) => body.endpointId === undefined || body.into === undefined, 'give "endpointId" or "into", not both')
  .refine((body) => body.destinations !== undefined || body.into !== undefined, {
    path: ['destinations'],
    message: 'say "then" for the endpoints that each event was planned for, "now" for those that want it today',
  })
  .meta({ id: 'Replay' });

/** How far back a stream goes. */
export interface StreamReach {
  readonly stream: string;
  readonly messages: number;
  /** 1 as long as nothing was removed. */
  readonly firstSeq: number;
  readonly firstMs: number;
}

export interface ReplayPorts extends JobPorts {
  /** All regions of the deployment. */
  readonly order: readonly string[];
  /** Throws WB_MISDIRECTED for a strict tenant of another region. */
  readonly tenant: (id: string) => Tenant | undefined;
  readonly tenants: () => readonly Tenant[];
  readonly endpointsOf: (tenantId: string) => readonly Endpoint[];
  /** Throws WB_NATS_AWAY. */
  readonly reach: () => Promise<{ readonly log: StreamReach; readonly peers?: StreamReach | undefined }>;
}

/** An event is stored a moment after it was accepted. */
const STORED_AFTER_MS = 2_000;

/**
 * Makes a job that sends recorded events again, one such command at a time; the events are read by the planner. Throws WB_REPLAY_RANGE with the `possible`
 * range, WB_TENANT_UNKNOWN, WB_ENDPOINT_UNKNOWN, WB_ENDPOINT_DISABLED, WB_REGION_UNKNOWN, WB_MISDIRECTED, WB_JOB_OVERLAP; nothing is stored then.
 */
export function replay(ports: ReplayPorts, body: unknown, caller: Caller, keyHash?: string): Promise<JobView> {
  return ports.inTurn.run('replay', async () => {
    const { reason, ratePerSecond, start, destinations: where = 'now', ...wanted } = parseWith(replayBodySchema, body);
    const by = byWhomWithReason(caller, reason);
    const spec: ReplaySpec = { kind: 'replay', ...wanted, destinations: where };
    if (spec.region !== undefined) requireRegion(ports, spec.region);
    const narrowed = withTenant(ports, spec);
    const before = keyHash === undefined ? undefined : await madeBefore(ports, keyHash, narrowed);
    if (before !== undefined) return viewOf(ports, before);
    await requireRange(ports, narrowed);
    await refuseOverlap(ports, narrowed);
    return createJob(ports, { id: ports.newId(ports.nowMs()), spec: narrowed, lists: [], keyHash, ratePerSecond, start, by });
  });
}

/** The job that the same command made. Throws WB_IDEMPOTENCY_MISMATCH, WB_NATS_AWAY. */
async function madeBefore(ports: ReplayPorts, keyHash: string, spec: ReplaySpec): Promise<Job | undefined> {
  await ports.catchUp();
  const job = ports.index.all().find((one) => one.keyHash === keyHash);
  if (job === undefined || isDeepStrictEqual(job.spec, replaySpecSchema.parse(spec))) return job;
  throw new WaybillError('WB_IDEMPOTENCY_MISMATCH', `the key belongs to job ${job.id}, which was asked for something else`);
}

/** An endpoint is given events of its own tenant alone, so naming it names the tenant. */
function withTenant(ports: ReplayPorts, spec: ReplaySpec): ReplaySpec {
  if (spec.tenantId !== undefined && ports.tenant(spec.tenantId) === undefined)
    throw new WaybillError('WB_TENANT_UNKNOWN', `there is no tenant ${spec.tenantId}`);
  const id = spec.into ?? spec.endpointId;
  if (id === undefined) return spec;
  const owners = spec.tenantId === undefined ? ports.tenants().map((tenant) => tenant.id) : [spec.tenantId];
  const [endpoint, second] = owners.flatMap((owner) => ports.endpointsOf(owner).filter((one) => one.id === id));
  if (endpoint === undefined) throw new WaybillError('WB_ENDPOINT_UNKNOWN', `no endpoint ${id} is known`);
  if (second !== undefined) throw schemaViolation([{ path: 'tenantId', message: `several tenants have an endpoint ${id}: say whose` }]);
  if (endpoint.disabled !== undefined)
    throw new WaybillError(
      'WB_ENDPOINT_DISABLED',
      `endpoint ${id} of tenant ${endpoint.tenantId} is disabled (${endpoint.disabled.reason})`,
    );
  return { ...spec, tenantId: endpoint.tenantId };
}

async function requireRange(ports: ReplayPorts, spec: ReplaySpec): Promise<void> {
  const { log, peers } = await ports.reach();
  const isRead = (own: boolean): boolean => spec.region === undefined || (spec.region === ports.region) === own;
  // A copy that begins later than the LOG lacks nothing, unless something was removed from it.
  const copies = peers === undefined || (spec.region === undefined && peers.firstSeq <= 1) ? [] : [peers];
  const read = [...(isRead(true) ? [log] : []), ...(isRead(false) ? copies : [])];
  const nowMs = ports.nowMs();
  const beginsMs = Math.max(...read.map(({ messages, firstMs }) => (messages === 0 ? nowMs : firstMs)));
  // A LOG from which nothing was removed lacks nothing: whoever asks for the whole day may not know at what time the region was made.
  const earliestMs = read.length === 1 && read[0] === log && log.firstSeq <= 1 ? 0 : beginsMs;
  const possible = { from: new Date(beginsMs).toISOString(), to: new Date(nowMs).toISOString() };
  const refuse = (why: string): WaybillError =>
    new WaybillError('WB_REPLAY_RANGE', `${why}; possible is ${possible.from} to ${possible.to}`, { extra: { possible } });
  const [fromMs, toMs] = [Date.parse(spec.from), Date.parse(spec.to)];
  if (toMs <= fromMs) throw refuse('"to" is not after "from"');
  if (fromMs >= nowMs) throw refuse('"from" is in the future');
  if (fromMs < earliestMs - STORED_AFTER_MS)
    throw refuse(`${read.map(({ stream }) => stream).join(' and ')} does not go back to ${spec.from}`);
}
