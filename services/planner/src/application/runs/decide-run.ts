import { type EventId, type GithubRun, isWaybillError, type Pause, runIdentity, workflowFileOf } from '@waybill/contracts';
import { type DecidePorts, type decideRun, type DispatchPolicy, type Edge, type GithubReads, pauseFor } from '@waybill/dispatching';
import { chainOf } from '../../domain/runs/chain-of.ts';
import { type Decided, edgeOf } from '../../domain/runs/make-decided.ts';
import { isPastIndex, type RunIndex } from './run-index.ts';
import type { WaitingRuns } from './waiting-runs.ts';

/** The deployment's GitHub App, as far as deciding needs it. */
export interface GithubSide {
  readonly reads: GithubReads;
  readonly policy: DispatchPolicy;
  /** Rejects like `reads`. */
  readonly botLogin: () => Promise<string>;
}

export interface DecidingPorts {
  readonly decide: typeof decideRun;
  /** Absent: no App is set up here. */
  readonly github: GithubSide | undefined;
  readonly index: RunIndex;
  readonly waiting: WaitingRuns;
  readonly pauses: () => readonly Pause[];
  readonly nowMs: () => number;
}

export interface RunToDecide {
  readonly eventId: EventId;
  readonly run: GithubRun;
  /** The region that took it in. */
  readonly acceptedIn: string;
  /** When it was taken in, ms since 1970. */
  readonly acceptedMs: number;
}

/** `installationId`: of the source, as the payload or a look-up told. */
export type Deciding =
  | { readonly kind: 'decided'; readonly decision: Decided; readonly installationId: string | undefined }
  | { readonly kind: 'again'; readonly delayMs: number; readonly reason: string };

/** Runs of one source workflow may be decided at the same time and fill its edge together; then it is decided anew, from what was just read. */
const MAX_ROUNDS = 5;

/** Decides about one finished run by what GitHub and the facts say. What cannot be told yet is to be asked again. Rejects for bugs only. */
export async function decideOn(ports: DecidingPorts, asked: RunToDecide): Promise<Deciding> {
  const { github, waiting } = ports;
  if (github === undefined) return { kind: 'again', delayMs: waiting.wait(asked.eventId, 'off'), reason: 'no GitHub App is set up here' };
  try {
    const deciding = await decideInRounds(ports, github, asked);
    waiting.done(asked.eventId);
    return deciding;
  } catch (error) {
    const failure = readFailure(error);
    if (failure === undefined) throw error;
    const delayMs = waiting.wait(asked.eventId, failure.waitsFor, failure.retryAfterMs);
    return { kind: 'again', delayMs, reason: failure.reason };
  }
}

interface Failure {
  readonly waitsFor: 'away' | 'limited';
  readonly retryAfterMs: number | undefined;
  readonly reason: string;
}

/** What an error says of GitHub; undefined for a bug. That GitHub does not know our own App is a matter of its set-up, which can be mended. */
function readFailure(error: unknown): Failure | undefined {
  if (isRefusal(error)) return { waitsFor: 'away', retryAfterMs: undefined, reason: error.message };
  if (!isWaybillError(error)) return undefined;
  const { code, extra, message: reason } = error;
  const retryAfterMs = typeof extra['retryAfterMs'] === 'number' ? extra['retryAfterMs'] : undefined;
  if (code === 'WB_GITHUB_AWAY') return { waitsFor: 'away', retryAfterMs, reason };
  return code === 'WB_GITHUB_LIMITED' ? { waitsFor: 'limited', retryAfterMs, reason } : undefined;
}

const isRefusal = (error: unknown): error is Error => error instanceof Error && error.name === 'GithubRefused';

async function decideInRounds(ports: DecidingPorts, github: GithubSide, asked: RunToDecide): Promise<Deciding> {
  const bot = await github.botLogin();
  const source = new SourceSeen(github.reads, asked.run);
  for (let round = 1; ; round += 1) {
    const decision = await ports.decide(asked.run, decidePorts(ports, { ...github, reads: source }, asked, bot));
    if (decision.kind === 'later') return { kind: 'again', delayMs: decision.delayMs, reason: decision.reason };
    if (round < MAX_ROUNDS && isOverfull(ports, github.policy, asked, decision)) continue;
    // Before anything is awaited: others look at the same edges.
    for (const { edge, key } of addedBy(asked, decision)) ports.index.countEdge(edge, key, { eventId: asked.eventId, atMs: ports.nowMs() });
    const warnings = [...decision.warnings, ...source.refused];
    return { kind: 'decided', decision: { ...decision, warnings }, installationId: asked.run.installationId ?? source.installationId };
  }
}

function decidePorts({ index, pauses, nowMs }: DecidingPorts, github: GithubSide, asked: RunToDecide, bot: string): DecidePorts {
  const { eventId, acceptedIn, acceptedMs } = asked;
  return {
    policy: github.policy,
    github: github.reads,
    newChainId: () => eventId,
    chainOf: (run) => chainOf(run, { chain: index.startedBy(run.host, run.id)?.chain, bot, nowMs: nowMs() }),
    edgeCount: (edge) => index.edgeCount(edge, eventId, nowMs()),
    pauseFor: (run, target) => pauseFor(pauses(), { run, region: acceptedIn }, target),
    // GitHub sends nothing again after three days: what comes later is a captured webhook, and nobody knows any more whether it was decided.
    isRepeat: (identity) => index.isRepeat(identity, eventId) || isPastIndex(asked.run, acceptedMs),
  };
}

/** What a decision adds to the edges. */
function addedBy({ run }: RunToDecide, { targets }: Decided): { readonly edge: Edge; readonly key: string }[] {
  const from = { repositoryId: run.repository.id, workflow: workflowFileOf(run.path) ?? run.path };
  return targets.flatMap(({ outcome }) =>
    outcome.kind === 'allowed' ? { edge: edgeOf(from, outcome.dispatch), key: outcome.dispatch.key } : [],
  );
}

/** Whether others were counted on an edge since this decision asked, so that both together are too many; or the run was decided under another event. */
function isOverfull({ index, nowMs }: DecidingPorts, policy: DispatchPolicy, asked: RunToDecide, decision: Decided): boolean {
  const { eventId, run } = asked;
  const own = new Map<string, number>();
  return addedBy(asked, decision).some(({ edge }) => {
    if (index.isRepeat(runIdentity(run), eventId)) return true;
    const count = (own.get(edge.target) ?? 0) + 1;
    own.set(edge.target, count);
    return index.edgeCount(edge, eventId, nowMs()) + count > policy.edgeLimit;
  });
}

/** Passes reads on, and notes what the decision itself does not tell. What GitHub refuses for good counts as not there. */
class SourceSeen implements GithubReads {
  readonly #reads: GithubReads;
  readonly #source: GithubRun['repository'];
  /** Through which installation the source was reached. */
  installationId: string | undefined;
  readonly refused = new Set<string>();

  constructor(reads: GithubReads, { repository }: GithubRun) {
    this.#reads = reads;
    this.#source = repository;
  }

  readonly dispatchingFile: GithubReads['dispatchingFile'] = async (repository, look) => {
    try {
      return await this.#reads.dispatchingFile(repository, look);
    } catch (error) {
      return this.#refusedFor(`the file of ${repository.owner}/${repository.name}`, error, { kind: 'missing' });
    }
  };

  readonly repository: GithubReads['repository'] = async (owner, name) => {
    try {
      const found = await this.#reads.repository(owner, name);
      if (found.kind === 'found' && found.repository.id === this.#source.id) this.installationId = found.repository.installationId;
      return found;
    } catch (error) {
      return this.#refusedFor(`${owner}/${name}`, error, { kind: 'not_installed' });
    }
  };

  #refusedFor<T>(what: string, error: unknown, meaning: T): T {
    if (!isRefusal(error)) throw error;
    this.refused.add(`github_refused: ${what}: ${error.message.slice(0, 200)}`);
    return meaning;
  }
}
