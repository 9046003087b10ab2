import type { Permissions } from '../options.ts';

export interface FakeUser {
  readonly id: number;
  readonly login: string;
  readonly type: 'Organization' | 'User' | 'Bot';
}

export interface FakeOwner extends FakeUser {
  readonly installationId: string;
  installed: boolean;
  suspendedAt: string | undefined;
  permissions: Permissions;
}

export interface FakeWorkflow {
  readonly id: number;
  readonly file: string;
  dispatchable: boolean;
  enabled: boolean;
  blocked: boolean;
  inputs: Readonly<Record<string, { readonly required?: boolean }>>;
  conclusion: string;
  runsForMs: number;
}

export interface FakeRepository {
  readonly id: number;
  readonly owner: FakeOwner;
  name: string;
  defaultBranch: string;
  private: boolean;
  archived: boolean;
  disabled: boolean;
  installed: boolean;
  issues: boolean;
  readonly branches: Set<string>;
  readonly tags: Set<string>;
  readonly files: Map<string, string>;
  /** What the last change of each file replaced; undefined: there was no file. */
  readonly replaced: Map<string, string | undefined>;
  readonly workflows: Map<string, FakeWorkflow>;
  readonly createdAt: string;
}

/** One attempt of a run; a record of its own for every state that a webhook told of. */
export interface FakeRun {
  readonly id: string;
  readonly repository: FakeRepository;
  readonly workflowId: number;
  /** `.github/workflows/ci.yml`. */
  readonly path: string;
  readonly event: string;
  readonly runNumber: number;
  readonly attempt: number;
  readonly checkSuiteId: number;
  readonly headBranch: string | null;
  readonly headSha: string;
  readonly headRepository: 'own' | 'fork' | null;
  readonly actor: FakeUser;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly status: 'queued' | 'in_progress' | 'completed';
  readonly conclusion: string | null;
}

export function fullNameOf(repository: FakeRepository): string {
  return `${repository.owner.login}/${repository.name}`;
}
