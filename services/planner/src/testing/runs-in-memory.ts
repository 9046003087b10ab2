import {
  type AcceptedType,
  dispatchDecidedSchema,
  type DispatchDecided,
  dispatchEndedSchema,
  dispatchKey,
  type DispatchSettled,
  dispatchSettledSchema,
  type GithubRun,
  type Pause,
  runIdentity,
  type Scope,
  subjects,
  type TargetDenial,
  WaybillError,
} from '@waybill/contracts';
import type { DecidePorts, DispatchPolicy, RunDecision, TargetDecision } from '@waybill/dispatching';
import type { Handled } from '@waybill/transport';
import type { AcceptedEvent } from '../application/append-plans.ts';
import { PlannedEvents } from '../application/planned-events.ts';
import { RunPlanner, type RunTurn } from '../application/runs/plan-run.ts';
import { RunIndex } from '../application/runs/run-index.ts';
import { WaitingRuns } from '../application/runs/waiting-runs.ts';
import { BOT, runBody } from './finished-run.ts';
import type { MemoryStream } from './memory-stream.ts';
import { type PlannerInMemory, toPlan } from './planner-in-memory.ts';

const at = '2026-01-01T00:00:00.000Z';

/** Plans runs without NATS and GitHub. The source's file is `targets`; who is dispatched to accepts everything. */
export class RunsInMemory {
  readonly planner: PlannerInMemory;
  /** What the source's dispatching.yml lists, as `owner/repo/workflow`. */
  targets = ['acme/my-target-repo/cd.yml'];
  policy: DispatchPolicy = { allowedOwners: 'any', conclusions: 'any', maxTargets: 25, maxChainDepth: 3, edgeLimit: 30, maxInputs: 25 };
  pauses: Pause[] = [];
  /** Thrown in place of an answer of GitHub. */
  github: Error | 'up' | 'off' = 'up';
  /** Awaited before a decision is made. */
  before: () => Promise<unknown> = async () => undefined;
  mayAppend = true;
  nowMs = Date.parse(at);
  decisions = 0;
  readonly told: string[] = [];
  index = new RunIndex(0);
  planned = new PlannedEvents(1_000);
  waiting = this.#waiting();
  runs: RunPlanner;
  #read = new Map<MemoryStream, number>();

  constructor(planner: PlannerInMemory) {
    this.planner = planner;
    this.runs = this.#open();
  }

  /** As a new process, which reads its own output first. */
  async restart(): Promise<void> {
    this.planner.die();
    this.planner.log.forgetIds();
    this.index = new RunIndex(0);
    this.planned = new PlannedEvents(1_000);
    this.waiting = this.#waiting();
    this.#read = new Map();
    this.runs = this.#open();
    const { region, log, peers } = this.planner;
    for (const stream of [log, peers]) {
      await stream.events(region, /\.(plan\.made|event\.refused)/).scan({}, (found) => {
        if (found.kind === 'planned') this.planned.notePlan(found.head);
        else this.planned.noteWhole(found.seq);
      });
    }
    await this.catchUp();
  }

  accept(eventId: string, run: object, scope: Scope = 'g'): AcceptedEvent {
    const { region, log } = this.planner;
    const [type, body] = ['run.completed' satisfies AcceptedType, runBody(eventId, region, run)] as const;
    const seq = log.store({ subject: subjects.fact(region, scope, type), body });
    return { region, seq, scope, type, isFirstTry: true, body, header: () => '' };
  }

  plan(accepted: AcceptedEvent, turn: Partial<RunTurn> = {}): Promise<Handled> {
    return this.runs.plan(toPlan(accepted), { planned: this.planned, isFirstTry: true, mayAppend: () => this.mayAppend, ...turn });
  }

  async catchUp(): Promise<void> {
    for (const stream of [this.planner.log, this.planner.peers]) {
      for (const { subject, body, seq, timestampMs } of stream.messages.slice(this.#read.get(stream) ?? 0)) {
        const [, , scope, , verb] = subject.split('.');
        const fact: unknown = subject.includes('.dispatch.') ? JSON.parse(Buffer.from(body).toString()) : undefined;
        if (verb === 'decided')
          this.index.noteDecided(dispatchDecidedSchema.parse(fact), {
            stream: stream.name,
            seq,
            storedMs: timestampMs,
            scope: scope === 'l' ? 'l' : 'g',
          });
        if (verb === 'ended') this.index.noteEnded(dispatchEndedSchema.parse(fact));
        if (verb === 'settled') this.index.noteSettled(dispatchSettledSchema.parse(fact), scope === 'l' ? 'l' : 'g');
      }
      this.#read.set(stream, stream.messages.length);
    }
  }

  /** The dispatcher says that a target of a decision was started as this run. */
  settle({ targets: [target], eventId, tenantId, region }: DispatchDecided, runId: string): void {
    if (target?.dispatch === undefined) throw new Error('nothing was allowed');
    const { deliveryId, endpointId, dispatch, workflow } = target;
    const { key, host, repositoryId, ref, chain } = dispatch;
    const of = { v: 1, deliveryId, eventId, tenantId, endpointId, key, region, at } as const;
    const fact: DispatchSettled = { ...of, host, repositoryId, workflow, ref, chain, outcome: { kind: 'started', runId, how: 'answered' } };
    this.planner.log.store({ subject: subjects.fact(region, 'g', 'dispatch.settled'), body: JSON.stringify(fact) });
  }

  decided(): DispatchDecided[] {
    return this.#facts('dispatch.decided').map((fact) => dispatchDecidedSchema.parse(fact));
  }

  /** What is planned to be called: region, delivery, target. */
  calls(): [region: string, target: string][] {
    return this.planner.log
      .plans()
      .flatMap(({ region, deliveries }) =>
        deliveries.flatMap(({ dispatch }): [string, string][] =>
          dispatch === undefined ? [] : [[region, `${dispatch.owner}/${dispatch.repo}/${dispatch.workflow}`]],
        ),
      );
  }

  ended(): unknown[] {
    return this.#facts('dispatch.ended');
  }

  #facts(type: string): unknown[] {
    return this.planner.log.messages
      .filter(({ subject }) => subject.endsWith(type))
      .map(({ body }): unknown => JSON.parse(Buffer.from(body).toString()));
  }

  #waiting(): WaitingRuns {
    return new WaitingRuns({ nowMs: () => this.nowMs, onChange: (waitsFor) => this.told.push(waitsFor ?? 'goes on') });
  }

  #open(): RunPlanner {
    const { region, log, peers } = this.planner;
    const refuse = (): Promise<never> => Promise.reject(new Error('not asked'));
    const reads = { repository: refuse, dispatchingFile: refuse };
    return new RunPlanner({
      region,
      decide: (run, ports) => this.#decide(run, ports),
      github: this.github === 'off' ? undefined : { reads, policy: this.policy, botLogin: async () => BOT.login },
      index: this.index,
      waiting: this.waiting,
      pauses: () => this.pauses,
      nowMs: () => this.nowMs,
      facts: {
        catchUp: () => this.catchUp(),
        read: async ({ stream, seq }) => {
          const body = [log, peers].find(({ name }) => name === stream)?.messages[seq - 1]?.body;
          return body === undefined ? undefined : dispatchDecidedSchema.parse(JSON.parse(Buffer.from(body).toString()));
        },
      },
      publish: (message) => log.publish(message),
      appender: this.planner.appender,
      watch: this.planner.watch,
    });
  }

  /** As much of the rules as it takes to see that what they ask is answered. */
  async #decide(run: GithubRun, ports: DecidePorts): Promise<RunDecision> {
    this.decisions += 1;
    await this.before();
    if (this.github instanceof Error) throw this.github;
    const found = ports.chainOf(run);
    if (found.kind === 'not_yet') return { kind: 'later', reason: 'chain', delayMs: found.delayMs };
    const chain = found.kind === 'link' ? found.chain : { id: ports.newChainId(), depth: 0, ancestors: [] };
    const nothing = { kind: 'decided', warnings: [], chain, targets: [], files: [] } as const;
    if (found.kind === 'unverifiable') return { ...nothing, skip: { reason: 'chain_unverifiable', detail: '' } };
    if (ports.isRepeat(runIdentity(run))) return { ...nothing, skip: { reason: 'duplicate_run_attempt', detail: '' } };
    return { ...nothing, targets: this.targets.map((target, ordinal) => decideTarget({ run, ports, chain, target, ordinal })) };
  }
}

function decideTarget({
  run,
  ports,
  chain,
  target,
  ordinal,
}: {
  run: GithubRun;
  ports: DecidePorts;
  chain: DispatchDecided['chain'];
  target: string;
  ordinal: number;
}): TargetDecision {
  const [owner = '', repo = '', workflow = ''] = target.split('/');
  const repositoryId = `1${Buffer.from(repo).readUInt16BE(repo.length - 2)}`;
  const inputs = { ordinal: String(ordinal) };
  const identity = { repositoryId, workflow, ref: 'main', inputs };
  const count = ports.edgeCount({ source: `${run.repository.id}/ci.yml`, target: `${repositoryId}/${workflow}` });
  const reasons: [TargetDenial, boolean][] = [
    ['operator_paused', ports.pauseFor(run, { owner, repo, workflow }) !== undefined],
    ['edge_rate_exceeded', count >= ports.policy.edgeLimit],
  ];
  const reason = reasons.find(([, holds]) => holds)?.[0];
  const about = { ordinal, owner, repo, workflow, ref: 'main', rule: 'outbound[0]' };
  if (reason !== undefined) return { ...about, outcome: { kind: 'denied', denial: { reason, detail: reason } } };
  const key = dispatchKey(runIdentity(run), identity);
  const next = { ...chain, depth: chain.depth + 1 };
  const dispatch = { key, host: run.host, installationId: '41', owner, repo, rule: 'outbound[0]', chain: next, ...identity };
  return { ...about, outcome: { kind: 'allowed', dispatch } };
}

export const githubAway = (): WaybillError => new WaybillError('WB_GITHUB_AWAY', 'GitHub answers 502');
export const githubLimited = (retryAfterMs: number): WaybillError =>
  new WaybillError('WB_GITHUB_LIMITED', 'GitHub answers 403 and wants to be left alone', { extra: { retryAfterMs } });
