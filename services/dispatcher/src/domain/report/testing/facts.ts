import {
  type DecidedTarget,
  dispatchDeliveryId,
  type DispatchDecided,
  type DispatchReported,
  type DispatchSettled,
  type EventId,
  githubEndpointId,
  type TargetDenial,
  type TenantId,
} from '@waybill/contracts';
import type { DispatchFact } from '../story.ts';

const TENANT = 'gh-acme' as TenantId;
const START_MS = Date.parse('2026-11-21T10:00:00.000Z');
const CHAIN = { id: 'c', depth: 0, ancestors: [] };

/** An instant `n` seconds into the test. */
export const at = (n: number): string => new Date(START_MS + n * 1000).toISOString();

export interface TargetWish {
  readonly repo?: string;
  readonly denied?: TargetDenial;
  readonly detail?: string;
  readonly ref?: string;
}

/** Facts about run `n` of `acme/my-source-repo`, as planner and dispatcher write them. */
export class RunFacts {
  readonly eventId: EventId;
  readonly decided: DispatchDecided;

  constructor(
    n: number,
    targets: readonly TargetWish[],
    changes: Partial<DispatchDecided> = {},
    run: Partial<DispatchDecided['run']> = {},
  ) {
    this.eventId = `evt_${n}` as EventId;
    this.decided = {
      v: 1,
      eventId: this.eventId,
      tenantId: TENANT,
      region: 'eu',
      run: { ...this.#run(n), ...run },
      warnings: [],
      chain: CHAIN,
      targets: targets.map((wish, ordinal) => this.#target(wish, ordinal)),
      at: at(n),
      ...changes,
    };
  }

  decidedFact(scope: 'g' | 'l' = 'g'): DispatchFact {
    return { type: 'dispatch.decided', scope, fact: this.decided };
  }

  settled(ordinal: number, outcome: DispatchSettled['outcome'], seconds = 1): DispatchFact {
    const { deliveryId, endpointId } = this.#decidedTarget(ordinal);
    const { host, repositoryId, workflow } = this.decided.run;
    const { eventId } = this;
    const place = { host, repositoryId, workflow, ref: 'main', chain: CHAIN };
    const said = { v: 1, deliveryId, eventId, tenantId: TENANT, endpointId, key: `k${ordinal}`, region: 'eu', at: at(seconds) } as const;
    return { type: 'dispatch.settled', fact: { ...said, ...place, outcome } };
  }

  started(ordinal: number, seconds = 1): DispatchFact {
    const runId = `${this.eventId.slice(4)}0${ordinal}`;
    return this.settled(
      ordinal,
      { kind: 'started', runId, url: `https://github.com/acme/t/actions/runs/${runId}`, how: 'answered' },
      seconds,
    );
  }

  failed(ordinal: number, seconds = 1): DispatchFact {
    return this.settled(ordinal, { kind: 'failed', reason: 'ref_not_found', detail: 'No ref found for: main' }, seconds);
  }

  refused(ordinal: number, seconds = 1): DispatchFact {
    const { deliveryId, endpointId } = this.#decidedTarget(ordinal);
    const next = { kind: 'dead_lettered', reason: 'payload_lost' } as const;
    const { eventId } = this;
    return {
      type: 'delivery.refused',
      fact: { v: 1, deliveryId, eventId, tenantId: TENANT, endpointId, region: 'eu', at: at(seconds), next },
    };
  }

  ended(ordinal: number, conclusion: string | null, runAttempt = 1): DispatchFact {
    const { deliveryId, endpointId } = this.#decidedTarget(ordinal);
    const run = { host: 'github.com', runId: '9', runAttempt, conclusion, url: 'https://github.com/acme/t/actions/runs/9' };
    const said = { v: 1, deliveryId, eventId: this.eventId, tenantId: TENANT, endpointId, region: 'us', at: at(runAttempt) } as const;
    return { type: 'dispatch.ended', fact: { ...said, ...run } };
  }

  reported(digest: string, seconds: number, more: Partial<DispatchReported> = {}): DispatchFact {
    return {
      type: 'dispatch.reported',
      fact: { v: 1, eventId: this.eventId, tenantId: TENANT, region: 'eu', digest, at: at(seconds), ...more },
    };
  }

  #decidedTarget(ordinal: number): DecidedTarget {
    const target = this.decided.targets[ordinal];
    if (target === undefined) throw new Error(`no target ${ordinal}`);
    return target;
  }

  #run(n: number): DispatchDecided['run'] {
    return {
      identity: `github.com/1/${n}/1`,
      host: 'github.com',
      installationId: '7',
      repositoryId: '1',
      owner: 'acme',
      repo: 'my-source-repo',
      workflow: 'ci.yml',
      id: `${n}`,
      attempt: 1,
      conclusion: 'success',
      event: 'push',
      headBranch: 'main',
      headSha: n.toString(16).padStart(40, '0'),
      url: `https://github.com/acme/my-source-repo/actions/runs/${n}`,
    };
  }

  #target({ repo = 'my-target-repo', denied, detail = 'as it is', ref = 'main' }: TargetWish, ordinal: number): DecidedTarget {
    const workflow = 'cd.yml';
    const common = {
      deliveryId: dispatchDeliveryId(this.eventId, `k${ordinal}`),
      endpointId: githubEndpointId('acme', repo, workflow),
      owner: 'acme',
      repo,
      workflow,
      ref,
      rule: 'outbound[0]',
    };
    if (denied !== undefined) return { ...common, denied: { reason: denied, detail } };
    const call = { key: `k${ordinal}`, host: 'github.com', installationId: '7', repositoryId: '2', owner: 'acme', repo, workflow, ref };
    return { ...common, dispatch: { ...call, inputs: { secret: 'x'.repeat(50) }, rule: 'outbound[0]', chain: CHAIN } };
  }
}
