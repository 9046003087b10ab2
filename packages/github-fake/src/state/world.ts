import type { OwnerOptions, Permissions, RepositoryOptions, WorkflowOptions } from '../options.ts';
import { Ids } from './ids.ts';
import { type FakeOwner, type FakeRepository, type FakeWorkflow, fullNameOf } from './model.ts';
import { Runs } from './runs.ts';

const GRANTED: Permissions = { actions: 'write', checks: 'write', contents: 'read', issues: 'write', metadata: 'read' };
const UNSET: Required<WorkflowOptions> = {
  dispatchable: true,
  enabled: true,
  blocked: false,
  inputs: {},
  conclusion: 'success',
  runsForMs: 50,
};

/** Owners, repositories and runs, and the time they live in. */
export class World {
  readonly ids: Ids;
  readonly runs = new Runs();
  private readonly owners = new Map<string, FakeOwner>();
  private readonly repositories = new Map<string, FakeRepository>();
  private readonly byId = new Map<number, FakeRepository>();
  private aheadMs = 0;

  constructor(firstRunId?: number) {
    this.ids = new Ids(firstRunId);
  }

  now(): number {
    return Date.now() + this.aheadMs;
  }

  /** Moves the clock on, so that tokens run out. */
  advance(ms: number): void {
    this.aheadMs += ms;
  }

  /** GitHub shows times to the second. */
  time(): string {
    return `${new Date(this.now()).toISOString().slice(0, 19)}Z`;
  }

  /** The owner of that login, made when there is none; `options` change what they name. */
  owner(login: string, options: OwnerOptions = {}): FakeOwner {
    const owner = this.owners.get(login.toLowerCase()) ?? this.newOwner(login);
    owner.installed = options.installed ?? owner.installed;
    owner.permissions = options.permissions === undefined ? owner.permissions : { metadata: 'read', ...options.permissions };
    if (options.suspended !== undefined) {
      owner.suspendedAt = options.suspended ? this.time() : undefined;
    }
    return owner;
  }

  installation(id: string): FakeOwner | undefined {
    return this.installations().find((owner) => owner.installationId === id);
  }

  installations(): FakeOwner[] {
    return [...this.owners.values()].filter((owner) => owner.installed);
  }

  /** The repository of that `owner/name`, made when there is none; `options` change what they name. */
  repository(fullName: string, options: RepositoryOptions = {}): FakeRepository {
    const repository = this.current(fullName) ?? this.newRepository(fullName, options);
    const { branches = [], tags = [], files = {}, workflows = {}, ...settings } = options;
    Object.assign(repository, settings);
    for (const branch of [repository.defaultBranch, ...branches]) {
      repository.branches.add(branch);
    }
    for (const tag of tags) {
      repository.tags.add(tag);
    }
    for (const [path, text] of Object.entries(files)) {
      this.file(repository, path, text);
    }
    for (const [file, workflow] of Object.entries(workflows)) {
      this.workflow(repository, file, workflow);
    }
    return repository;
  }

  /** Writes a file, or removes it. */
  file(repository: FakeRepository, path: string, text: string | undefined): void {
    repository.replaced.set(path, repository.files.get(path));
    if (text === undefined) {
      repository.files.delete(path);
    } else {
      repository.files.set(path, text);
    }
  }

  /** The repository that an old or new name leads to. */
  named(fullName: string): FakeRepository | undefined {
    return this.repositories.get(fullName.toLowerCase());
  }

  /** The repository that has this name now. */
  current(fullName: string): FakeRepository | undefined {
    const repository = this.named(fullName);
    return repository !== undefined && fullNameOf(repository).toLowerCase() === fullName.toLowerCase() ? repository : undefined;
  }

  /** The repository of that name, which the caller knows is there. */
  known(fullName: string): FakeRepository {
    const repository = this.current(fullName);
    if (repository === undefined) {
      throw new Error(`The fake has no repository ${fullName}`);
    }
    return repository;
  }

  withId(id: number): FakeRepository | undefined {
    return this.byId.get(id);
  }

  ofOwner(owner: FakeOwner): FakeRepository[] {
    return [...this.byId.values()].filter((repository) => repository.owner === owner && repository.installed);
  }

  /** The old name redirects from now on. */
  rename(from: string, to: string): void {
    const repository = this.known(from);
    repository.name = to.slice(to.indexOf('/') + 1);
    this.repositories.set(to.toLowerCase(), repository);
  }

  /** The workflow of that file, made when there is none. */
  workflow(repository: FakeRepository, file: string, options: WorkflowOptions = {}): FakeWorkflow {
    const before = repository.workflows.get(file);
    const workflow: FakeWorkflow = { ...UNSET, ...before, ...options, id: before?.id ?? this.ids.next(), file };
    repository.workflows.set(file, workflow);
    return workflow;
  }

  private newOwner(login: string): FakeOwner {
    const owner: FakeOwner = {
      id: this.ids.next(),
      login,
      type: 'Organization',
      installationId: String(this.ids.next()),
      installed: true,
      suspendedAt: undefined,
      permissions: GRANTED,
    };
    this.owners.set(login.toLowerCase(), owner);
    return owner;
  }

  private newRepository(fullName: string, options: RepositoryOptions): FakeRepository {
    const [login = '', name = ''] = fullName.split('/');
    const repository: FakeRepository = {
      id: this.ids.next(),
      owner: this.owner(login),
      name,
      defaultBranch: options.defaultBranch ?? 'main',
      private: true,
      archived: false,
      disabled: false,
      installed: true,
      issues: true,
      branches: new Set(),
      tags: new Set(),
      files: new Map(),
      replaced: new Map(),
      workflows: new Map(),
      createdAt: this.time(),
    };
    this.repositories.set(fullName.toLowerCase(), repository);
    this.byId.set(repository.id, repository);
    return repository;
  }
}
