import type { GithubRun, Pause } from '@waybill/contracts';
import { decideRun } from '../decide/decide-run.ts';
import type { RunDecision } from '../decide/decision.ts';
import type {
  ChainLookup,
  DecidePorts,
  DispatchPolicy,
  FoundFile,
  GithubReads,
  RepositoryFacts,
  RepositoryLookup,
} from '../decide/ports.ts';

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** One repository of the world; `lookup` says that it cannot be had. */
export interface Place {
  facts: Mutable<RepositoryFacts>;
  files: Record<string, string>;
  lookup?: Exclude<RepositoryLookup['kind'], 'found'>;
}

export const SOURCE_ID = '9007199254740993';
export const TARGET_ID = '9007199254740995';
const ROOT = 'dispatching.yml';

/** The seed files of github.md 3.6: S names T, T lets S in. */
export const outbound = (target: string, source = 'workflow: ci.yml'): string =>
  `outbound:\n  - source: { ${source} }\n    targets:\n      - { ${target} }\n`;
export const inbound = (source: string, target = 'workflow: cd.yml'): string =>
  `inbound:\n  - source: { ${source} }\n    targets:\n      - { ${target} }\n`;
export const TO_T = 'repository: my-target-repo, workflow: cd.yml';
export const FROM_S = 'repository: my-source-repo, workflow: ci.yml';

const place = (id: string, owner: string, name: string, file: string): Place => ({
  facts: { id, owner, name, defaultBranch: 'main', archived: false, disabled: false, installationId: `7${id.slice(-2)}` },
  files: { [ROOT]: file },
});

export const runOf = (): GithubRun => ({
  host: 'github.com',
  installationId: '793',
  repository: {
    id: SOURCE_ID,
    owner: 'acme',
    ownerId: '11',
    name: 'my-source-repo',
    defaultBranch: 'main',
    private: true,
    archived: false,
  },
  id: '123456789012345678901',
  number: 42,
  attempt: 1,
  workflowId: '5',
  path: '.github/workflows/ci.yml',
  conclusion: 'success',
  event: 'push',
  headBranch: 'main',
  headSha: '0123456789abcdef0123456789abcdef01234567',
  headRepository: { id: SOURCE_ID, fullName: 'acme/my-source-repo' },
  actor: { id: '3', login: 'ada', type: 'User' },
  triggeringActor: { id: '3', login: 'ada', type: 'User' },
  url: 'https://github.com/acme/my-source-repo/actions/runs/1',
  createdAt: '2026-11-21T12:00:00Z',
  startedAt: '2026-11-21T12:00:00Z',
  updatedAt: '2026-11-21T12:01:00Z',
});

/** The base case of github.md 3.6, for a test to change one thing of. Counts what is read. */
export class World {
  run: Mutable<GithubRun> = runOf();
  source = place(SOURCE_ID, 'acme', 'my-source-repo', outbound(TO_T));
  target = place(TARGET_ID, 'acme', 'my-target-repo', inbound(FROM_S));
  more: Place[] = [];
  policy: Mutable<DispatchPolicy> = {
    allowedOwners: new Set(['acme', 'beta']),
    conclusions: new Set(['success']),
    maxTargets: 25,
    maxChainDepth: 3,
    edgeLimit: 30,
    maxInputs: 25,
  };
  chain: ChainLookup = { kind: 'root' };
  edgeCount = 0;
  pause: Pause | undefined;
  repeated: string | undefined;
  readonly lookups: string[] = [];
  readonly reads: string[] = [];

  set out(file: string) {
    this.source.files[ROOT] = file;
  }

  set in(file: string) {
    this.target.files[ROOT] = file;
  }

  /** S belongs to another owner. */
  moveSource(owner: string): void {
    this.source.facts.owner = owner;
    this.run.repository = { ...this.run.repository, owner };
  }

  #find(owner: string, name: string): Place | undefined {
    const wanted = `${owner}/${name}`.toLowerCase();
    return [this.source, this.target, ...this.more].find(({ facts }) => `${facts.owner}/${facts.name}`.toLowerCase() === wanted);
  }

  get github(): GithubReads {
    return {
      repository: async (owner, name): Promise<RepositoryLookup> => {
        this.lookups.push(`${owner}/${name}`);
        await Promise.resolve();
        const found = this.#find(owner, name);
        return found === undefined || found.lookup !== undefined
          ? { kind: found?.lookup ?? 'not_installed' }
          : { kind: 'found', repository: { ...found.facts } };
      },
      dispatchingFile: async ({ owner, name }): Promise<FoundFile> => {
        this.reads.push(`${owner}/${name}`);
        await Promise.resolve();
        const files = this.#find(owner, name)?.files ?? {};
        const path = [ROOT, `.github/${ROOT}`].find((candidate) => files[candidate] !== undefined);
        if (path === undefined) return { kind: 'missing' };
        return { kind: 'found', text: files[path] ?? '', path, shadowed: Object.keys(files).length > 1 };
      },
    };
  }

  get ports(): DecidePorts {
    return {
      policy: this.policy,
      github: this.github,
      newChainId: () => 'chain-1',
      chainOf: () => this.chain,
      edgeCount: () => this.edgeCount,
      pauseFor: () => this.pause,
      isRepeat: (identity) => identity === this.repeated,
    };
  }

  decide(): Promise<RunDecision> {
    return decideRun(this.run, this.ports);
  }
}

/** A decision in one line: `skip <reason>`, or one word a target: `allow <ref>` or its reason. */
export function tell(decision: RunDecision): string {
  if (decision.kind === 'later') return `later ${decision.delayMs}`;
  const warned = decision.warnings.map((warning) => ` + ${warning}`).join('');
  if (decision.skip !== undefined) return `skip ${decision.skip.reason}${warned}`;
  return (
    decision.targets
      .map(({ outcome }) => (outcome.kind === 'allowed' ? `allow ${outcome.dispatch.ref}` : outcome.denial.reason))
      .join(', ') + warned
  );
}
