import type { Chain, GithubRun, Pause } from '@waybill/contracts';

/** What an operator allows. Names are compared without regard to case; `owner/name` for repositories. */
export interface DispatchPolicy {
  readonly allowedOwners: ReadonlySet<string> | 'any';
  readonly sourceRepositories?: ReadonlySet<string> | undefined;
  readonly targetRepositories?: ReadonlySet<string> | undefined;
  /** Base names of workflow files. */
  readonly sourceWorkflows?: ReadonlySet<string> | undefined;
  /** Conclusions that count when a rule names none. */
  readonly conclusions: ReadonlySet<string> | 'any';
  readonly maxTargets: number;
  readonly maxChainDepth: number;
  /** Dispatches from one source workflow to one target workflow in ten minutes. */
  readonly edgeLimit: number;
  /** Inputs that the server takes: 25, or 10 on Enterprise Server to 3.19. */
  readonly maxInputs: number;
  readonly defaultRef?: string | undefined;
}

/** A repository as GitHub describes it, with the installation through which it can be reached. */
export interface RepositoryFacts {
  readonly id: string;
  readonly owner: string;
  readonly name: string;
  readonly defaultBranch: string;
  readonly archived: boolean;
  readonly disabled: boolean;
  readonly installationId: string;
}

export type RepositoryLookup =
  | { readonly kind: 'found'; readonly repository: RepositoryFacts }
  /** The App is not installed there, or there is no such repository: GitHub does not tell which. */
  | { readonly kind: 'not_installed' }
  | { readonly kind: 'suspended' }
  /** It was renamed or transferred. */
  | { readonly kind: 'moved' };

/** A `dispatching.yml` of the default branch, or none. */
export type FoundFile =
  | { readonly kind: 'missing' }
  | {
      readonly kind: 'found';
      readonly text: string;
      readonly path: string;
      /** There is one in `.github/` too, which does not count; false also when that was not asked. */
      readonly shadowed: boolean;
      /** As GitHub names the contents. */
      readonly sha?: string | undefined;
      /** GitHub left the text out: `text` is only as long as it. */
      readonly isWithheld?: true;
    };

/** What is read from GitHub. Rejects with WB_GITHUB_AWAY or WB_GITHUB_LIMITED when no answer can be had now. */
export interface GithubReads {
  repository(owner: string, name: string): Promise<RepositoryLookup>;
  /** `andShadowed`: also whether there is a second file that does not count, which costs a call more. */
  dispatchingFile(
    repository: Pick<RepositoryFacts, 'owner' | 'name' | 'installationId'>,
    look?: { readonly andShadowed: boolean },
  ): Promise<FoundFile>;
}

/** What led to a run. `not_yet`: our own App started it, and nothing is known of that so far. `unverifiable`: nothing will be known. */
export type ChainLookup =
  | { readonly kind: 'root' }
  | { readonly kind: 'link'; readonly chain: Chain }
  | { readonly kind: 'not_yet'; readonly delayMs: number }
  | { readonly kind: 'unverifiable' };

/** A source workflow and a target workflow, each as `<repository id>/<workflow file>`. */
export interface Edge {
  readonly source: string;
  readonly target: string;
}

/** The target of a dispatch, as pauses are compared with it. */
export interface PauseAsked {
  readonly owner: string;
  readonly repo: string;
  readonly workflow: string;
}

export interface DecidePorts {
  readonly policy: DispatchPolicy;
  readonly github: GithubReads;
  /** The id of the chain that a run begins. Need not be the same each time: no key depends on it. */
  readonly newChainId: () => string;
  readonly chainOf: (run: GithubRun) => ChainLookup;
  /** Dispatches of this edge in the last ten minutes, without those that are being decided now. */
  readonly edgeCount: (edge: Edge) => number;
  /** The pause that keeps this one back; undefined when none does. */
  readonly pauseFor: (run: GithubRun, target: PauseAsked) => Pause | undefined;
  /** Whether this run attempt was decided before, under another event. */
  readonly isRepeat: (identity: string) => boolean;
}
