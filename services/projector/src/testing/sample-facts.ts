import {
  ACK_EDGES_MS,
  type Chain,
  type Consequence,
  deliveryIdOf,
  type DispatchSettled,
  type EndpointId,
  type FactType,
  GITHUB_SOURCE,
  joinRawData,
  latencyBucket,
  type JobId,
  newEventId,
  newJobId,
  noCounts,
  replayDeliveryId,
  RUN_COMPLETED_TYPE,
  type Scope,
  streamNames,
  subjects,
} from '@waybill/contracts';
import type { StoredMessage } from '../domain/read-fact.ts';

const START_MS = Date.UTC(2026, 0, 1);

interface SampleOptions {
  readonly scope?: Scope;
  /** Which region accepts an event; every one's facts of it must agree. Default: the one whose LOG this is. */
  readonly acceptedIn?: (n: number) => string;
  /** Between two messages (ms); default 1. */
  readonly apartMs?: number;
}

/** Writes messages of a made-up LOG, numbered from 1, a millisecond apart unless told otherwise. For tests and measurements. */
export class SampleLog {
  readonly messages: StoredMessage[] = [];
  /** Whose event each number is. */
  readonly #tenants = new Map<number, string>();
  readonly stream: string;
  readonly region: string;
  readonly #scope: Scope;
  readonly #acceptedIn: (n: number) => string;
  readonly #apartMs: number;

  constructor(region = 'local', { scope = 'g', acceptedIn = () => region, apartMs = 1 }: SampleOptions = {}) {
    this.region = region;
    this.stream = streamNames(region).log;
    this.#scope = scope;
    this.#acceptedIn = acceptedIn;
    this.#apartMs = apartMs;
  }

  /** Whether event `n` is accepted here. */
  accepts(n: number): boolean {
    return this.#acceptedIn(n) === this.region;
  }

  /** Event number `n` of `tenant`; the same arguments give the same event. */
  accepted(n: number, tenant = 'acme', data: unknown = { n }): string {
    const eventId = sampleEventId(n);
    this.#tenants.set(n, tenant);
    const head = { version: 3, minCompatible: 2, ...this.#head(n, tenant) };
    this.#append(subjects.fact(this.region, this.#scope, 'event.accepted'), joinRawData(head, Buffer.from(JSON.stringify(data))));
    return eventId;
  }

  planned(n: number, endpoints: readonly string[], tenant = 'acme', deliverIn = this.region): string[] {
    const deliveries = endpoints.map((endpoint) => ({ deliveryId: sampleDeliveryId(n, endpoint), endpointId: endpoint }));
    const at = this.#now();
    const plan = { v: 1, event: this.#head(n, tenant), region: deliverIn, acceptedSeq: 1, registryRevision: 1, deliveries, at };
    this.#append(subjects.plan(this.region, this.#scope, deliverIn), joinRawData(plan, Buffer.from('{}')));
    return deliveries.map(({ deliveryId }) => deliveryId);
  }

  /** Job number `job` plans event `n`, in the place of other deliveries where `replayOf` names them, else by the event's own ids. */
  replayed(n: number, endpoints: readonly string[], { job, replayOf }: { job: number; replayOf?: (endpoint: string) => string }): string[] {
    const jobId = sampleJobId(job);
    const idOf = (endpoint: string): string => (replayOf === undefined ? sampleDeliveryId(n, endpoint) : sampleReplayId(job, n, endpoint));
    const deliveries = endpoints.map((ep) => ({ deliveryId: idOf(ep), endpointId: ep, replayOf: replayOf?.(ep) }));
    const plan = { v: 1, event: this.#head(n, this.#tenants.get(n) ?? 'acme'), region: this.region, acceptedSeq: 1, registryRevision: 1 };
    const made = { ...plan, replay: { jobId, kind: 'redrive' }, deliveries, at: this.#now() };
    this.#append(subjects.plan(this.region, this.#scope, this.region), joinRawData(made, Buffer.from('{}')));
    return deliveries.map(({ deliveryId }) => deliveryId);
  }
  discarded(ids: readonly string[], reason = 'not wanted'): void {
    this.#json('dead_letter.discarded', { v: 1, region: this.region, ids, by: { actor: 'ann', reason }, at: this.#now() });
  }
  instructed(n: number, endpoint: string, instruction: 'retry' | 'skip'): void {
    this.#json('delivery.instructed', { ...this.#delivery(n, endpoint), instruction, by: { actor: 'ann', reason: 'asked for' } });
  }
  acted(action: string, actor = 'ann'): void {
    const fact = { v: 1, region: this.region, action, about: { tenantId: 'acme' }, status: 200, by: { actor, reason: 'asked for' } };
    this.#json('management.acted', { ...fact, requestId: 'r1', at: this.#now() });
  }

  /** `seq`: where the event lies in the LOG of the region that accepted it. */
  refused(n: number, verdict = 'reader_too_old', tenant = 'acme', seq = 1): void {
    const fact = { v: 1, eventId: sampleEventId(n), tenantId: tenant, eventType: 'order.paid', verdict, detail: 'too new', version: 9 };
    this.#json('event.refused', { ...fact, region: this.#acceptedIn(n), seq, at: this.#now() });
  }

  attempted(n: number, endpoint: string, attempt: number, next: Consequence): void {
    const outcome =
      next.kind === 'delivered'
        ? { kind: 'accepted', httpStatus: 200 }
        : { kind: next.kind === 'denied' ? 'rejected' : 'retryable', reason: 'http_status', detail: 'answered 500', httpStatus: 500 };
    this.#json('delivery.attempted', { ...this.#delivery(n, endpoint), attempt, durationMs: 12, outcome, next, response: 'ok' });
  }

  deliveryRefused(n: number, endpoint: string): void {
    const next = { kind: 'dead_lettered', reason: 'endpoint_deleted' };
    this.#json('delivery.refused', { ...this.#delivery(n, endpoint), next });
  }

  /** What one ingress measured: `ms` each answer took, and `refused` answers that were none. */
  measured(ms: readonly number[], refused = 0): void {
    const ack = noCounts(ACK_EDGES_MS).map((_, bucket) => ms.filter((each) => latencyBucket(ACK_EDGES_MS, each) === bucket).length);
    const at = this.#now();
    this.#json('intake.measured', { v: 1, region: this.region, from: at, at, ack, refused: refused === 0 ? {} : { 422: refused } });
  }

  /** Event `n` as the end of a workflow run. */
  ranToEnd(n: number): void {
    const about = { ...this.#head(n, 'acme'), eventType: RUN_COMPLETED_TYPE, source: GITHUB_SOURCE };
    const head = { version: 3, minCompatible: 2, ...about };
    this.#append(subjects.fact(this.region, this.#scope, 'run.completed'), joinRawData(head, Buffer.from('{}')));
  }

  /** What run `n` leads to: endpoint ids of allowed targets, and how many more are denied; neither: it is skipped. */
  decided(n: number, allowed: readonly string[], { denied = 0, chain = sampleChain(n) }: { denied?: number; chain?: Chain } = {}): void {
    const run = { identity: `github.com/7/${sampleRunId(n)}/1`, host: 'github.com', repositoryId: '7', owner: 'Acme', repo: 'web' };
    const rest = {
      workflow: 'ci.yml',
      id: sampleRunId(n),
      attempt: 1,
      conclusion: 'success',
      event: 'push',
      headBranch: 'main',
      headSha: 'abc',
    };
    const targets = [
      ...allowed.map((endpoint) => ({ deliveryId: sampleDeliveryId(n, endpoint), endpointId: endpoint, ref: 'main', rule: 'outbound[0]' })),
      ...Array.from({ length: denied }, (_, index) => ({
        deliveryId: sampleDeliveryId(n, `denied:${allowed.length + index}:github:acme/denied-${index}/cd.yml`),
        endpointId: `github:acme/denied-${index}/cd.yml`,
        rule: 'outbound[1]',
        denied: { reason: 'inbound_not_authorized', detail: `denied in ${this.region}` },
      })),
    ].map((target) => ({ owner: 'Acme', repo: 'api', workflow: 'cd.yml', ...target }));
    const skip = targets.length === 0 ? { skip: { reason: 'no_matching_outbound', detail: 'no rule names ci.yml' } } : {};
    const decided = {
      v: 1,
      eventId: sampleEventId(n),
      tenantId: this.#tenants.get(n) ?? 'acme',
      region: this.region,
      run: { ...run, ...rest, url: 'https://run' },
      files: [{ repository: 'Acme/web', path: '.github/dispatching.yml', sha: 'f1', text: 'outbound: []' }],
    };
    this.#json('dispatch.decided', { ...decided, ...skip, warnings: ['config_shadowed'], chain, targets, at: this.#now() });
  }
  intended(n: number, endpoint: string): void {
    this.#json('dispatch.intended', { ...this.#call(n, endpoint), attempt: 1 });
  }
  settled(n: number, endpoint: string, outcome: DispatchSettled['outcome']): void {
    this.#json('dispatch.settled', { ...this.#call(n, endpoint), chain: sampleChain(n), outcome });
  }
  runEnded(n: number, endpoint: string, { runId, attempt = 1 }: { runId: string; attempt?: number }): void {
    const run = { host: 'github.com', runId, runAttempt: attempt, conclusion: 'failure', url: `https://run/${runId}` };
    this.#json('dispatch.ended', { ...this.#delivery(n, endpoint), ...run });
  }
  reported(n: number, said: { checkRunId?: string; issueNumber?: number; failed?: string }): void {
    const { eventId, tenantId, region, at } = this.#delivery(n, '');
    this.#json('dispatch.reported', { v: 1, eventId, tenantId, region, digest: `d${this.messages.length % 3}`, ...said, at });
  }
  swept(gapSeconds: number): void {
    const at = this.#now();
    const redelivered = gapSeconds === 0 ? [] : [{ guid: 'g', deliveryId: '1' }];
    this.#json('dispatch.swept', { v: 1, region: this.region, from: iso(START_MS), to: at, listed: 5, redelivered, gapSeconds, at });
  }

  /** This region takes deliveries over that belonged to another one. */
  claimed(of: string, deliveryIds: readonly string[], epoch = 2): void {
    this.#json('takeover.claimed', { v: 1, of, by: this.region, epoch, deliveryIds, at: this.#now() });
  }
  closed(of: string, role: 'planner' | 'dispatcher' = 'dispatcher'): void {
    this.#json('takeover.closed', { v: 1, of, by: this.region, epoch: 2, role, at: this.#now() });
  }
  changed(region: string, state: 'active' | 'failed', share: number): void {
    this.#json('region.changed', { v: 1, region, state, epoch: 2, share, who: 'ann', why: 'test', how: 'manual', at: this.#now() });
  }
  spilled(spilling: boolean): void {
    const values = { because: 'queue_depth', queueDepth: 120, concurrencyPercent: 10, errorRate: 0 };
    this.#json('region.spilled', { v: 1, region: this.region, spilling, ...values, at: this.#now() });
  }
  beat(): void {
    this.#json('region.beat', { v: 1, region: this.region, at: this.#now() });
  }

  poison(): void {
    this.#append(subjects.fact(this.region, this.#scope, 'delivery.attempted'), Buffer.from('{"v":1,'));
  }

  /** Appends a copy of an earlier message, as a writer does that repeats itself after the duplicate window. */
  repeat(index: number): void {
    const message = this.messages[index];
    if (message !== undefined) this.#append(message.subject, message.body);
  }

  #head(n: number, tenant: string) {
    const eventId = sampleEventId(n);
    const known = { eventId, eventType: 'order.paid', tenantId: tenant, source: 'api', region: this.#acceptedIn(n) };
    return { ...known, correlationId: eventId, timestamp: iso(START_MS + n) };
  }
  #delivery(n: number, endpoint: string) {
    const tenant = this.#tenants.get(n) ?? 'acme';
    const ids = { deliveryId: sampleDeliveryId(n, endpoint), eventId: sampleEventId(n), tenantId: tenant, endpointId: endpoint };
    return { v: 1, ...ids, region: this.region, at: this.#now() };
  }
  #call(n: number, endpoint: string) {
    return { ...this.#delivery(n, endpoint), key: `key of ${n}`, host: 'github.com', repositoryId: '8', workflow: 'cd.yml', ref: 'main' };
  }
  #json(type: Exclude<FactType, 'plan.made'>, fact: object): void {
    this.#append(subjects.fact(this.region, this.#scope, type), Buffer.from(JSON.stringify(fact)));
  }
  #append(subject: string, body: Uint8Array): void {
    const seq = this.messages.length + 1;
    this.messages.push({ subject, body, stream: this.stream, seq, timestampMs: START_MS + seq * this.#apartMs });
  }
  #now(): string {
    return iso(START_MS + (this.messages.length + 1) * this.#apartMs);
  }
}

/** The messages as another region's PEERS holds them: with other numbers, and stored later. */
export const copiesIn = (stream: string, messages: readonly StoredMessage[]): StoredMessage[] =>
  messages.map((message, index) => ({
    ...message,
    stream,
    seq: index + 1,
    timestampMs: message.timestampMs + 86_400_000,
    origin: { stream: message.stream, seq: message.seq },
  }));

const iso = (ms: number): string => new Date(ms).toISOString();

/** Id of the run whose end is sample event `n`. */
export const sampleRunId = (n: number): string => `${1_000 + n}`;
export const sampleJobId = (job: number): JobId => newJobId(START_MS + 1_000 + job, new Uint8Array(10));
/** The id of the delivery that job number `job` makes of sample event `n`. */
export const sampleReplayId = (job: number, n: number, endpoint: string): string =>
  replayDeliveryId(sampleJobId(job), sampleEventId(n), endpoint as EndpointId);
const sampleChain = (n: number): Chain => ({ id: sampleEventId(n), depth: 0, ancestors: [] });

/** The id of sample event `n`. */
export function sampleEventId(n: number): ReturnType<typeof newEventId> {
  const random = new Uint8Array(10);
  new DataView(random.buffer).setUint32(0, n);
  return newEventId(START_MS + n, random);
}

/** The id of the delivery of sample event `n` to `endpoint`. */
export const sampleDeliveryId = (n: number, endpoint: string): string => deliveryIdOf(sampleEventId(n), endpoint as EndpointId);
