import { workflowFileOf } from '@waybill/contracts';
import type { FakeApp, RunOptions } from '../options.ts';
import type { FakeRepository, FakeRun, FakeUser, FakeWorkflow } from '../state/model.ts';
import type { World } from '../state/world.ts';
import type { Notice } from './deliveries.ts';
import { type Hooks, newGuid } from './hooks.ts';

/** Starts and ends runs, and tells the App's webhook. */
export class RunLife {
  private readonly world: World;
  private readonly hooks: Hooks;
  private readonly bot: FakeUser;
  private readonly developer: FakeUser = { id: 501, login: 'developer', type: 'User' };

  constructor(world: World, hooks: Hooks, app: FakeApp) {
    this.world = world;
    this.hooks = hooks;
    this.bot = { id: 41_898_282, login: `${app.slug}[bot]`, type: 'Bot' };
  }

  /** Starts a run by `workflow_dispatch`; it goes on by itself. */
  dispatch(repository: FakeRepository, workflow: FakeWorkflow, ref: string): FakeRun {
    const now = this.world.time();
    const run: FakeRun = {
      id: this.world.ids.runId(),
      repository,
      workflowId: workflow.id,
      path: `.github/workflows/${workflow.file}`,
      event: 'workflow_dispatch',
      runNumber: this.world.runs.nextNumber(workflow.id),
      attempt: 1,
      checkSuiteId: this.world.ids.next(),
      headBranch: ref.replace(/^refs\/(heads|tags)\//u, ''),
      headSha: this.world.ids.sha(`${repository.id}/${ref}`),
      headRepository: 'own',
      actor: this.bot,
      createdAt: now,
      updatedAt: now,
      status: 'queued',
      conclusion: null,
    };
    this.world.runs.put(run);
    this.hooks.track(this.live(run, workflow));
    return run;
  }

  /** Ends a run, a new one unless `options.runId` names one. */
  finish(repository: FakeRepository, options: RunOptions): Notice {
    const run = this.finished(repository, options);
    this.world.runs.put(run);
    const notice = this.noticeOf(run, options);
    this.hooks.emit(notice);
    return notice;
  }

  /** What `finish` would tell, without ending a run. */
  preview(repository: FakeRepository, options: RunOptions): Notice {
    return this.noticeOf(this.finished(repository, options), options);
  }

  private noticeOf(run: FakeRun, options: RunOptions): Notice {
    const withInstallation = options.withInstallation ?? true;
    return { guid: options.guid ?? newGuid(), event: 'workflow_run', action: 'completed', run, withInstallation };
  }

  private finished(repository: FakeRepository, options: RunOptions): FakeRun {
    const id = options.runId ?? this.world.ids.runId();
    const before = this.world.runs.get(id) ?? this.unfinished(repository, options, id);
    return {
      ...before,
      repository,
      event: options.event ?? before.event,
      attempt: options.attempt ?? before.attempt,
      headBranch: orBefore(options.headBranch, before.headBranch),
      headRepository: orBefore(options.headRepository, before.headRepository),
      actor: options.actor === undefined ? before.actor : this.userOf(options.actor),
      updatedAt: this.world.time(),
      status: 'completed',
      conclusion: orBefore(options.conclusion, 'success'),
    };
  }

  private unfinished(repository: FakeRepository, { workflow: wanted }: RunOptions, id: string): FakeRun {
    const now = this.world.time();
    const path = wanted.includes('/') ? wanted : `.github/workflows/${wanted}`;
    const file = workflowFileOf(path) ?? path;
    const workflow = repository.workflows.get(file) ?? this.world.workflow(repository, file);
    return {
      id,
      repository,
      workflowId: workflow.id,
      path,
      event: 'push',
      runNumber: this.world.runs.nextNumber(workflow.id),
      attempt: 1,
      checkSuiteId: this.world.ids.next(),
      headBranch: repository.defaultBranch,
      headSha: this.world.ids.sha(id),
      headRepository: 'own',
      actor: this.developer,
      createdAt: now,
      updatedAt: now,
      status: 'in_progress',
      conclusion: null,
    };
  }

  private userOf(login: string): FakeUser {
    return login === this.bot.login ? this.bot : { id: 502, login, type: login.endsWith('[bot]') ? 'Bot' : 'User' };
  }

  private async live(queued: FakeRun, workflow: FakeWorkflow): Promise<void> {
    this.tell(queued, 'requested');
    if (!(await this.hooks.pause(workflow.runsForMs / 5))) {
      return;
    }
    const running = this.step(queued.id, { status: 'in_progress', conclusion: null });
    if (running === undefined) {
      return;
    }
    this.tell(running, 'in_progress');
    if (!(await this.hooks.pause(workflow.runsForMs))) {
      return;
    }
    const ended = this.step(queued.id, { status: 'completed', conclusion: workflow.conclusion });
    if (ended !== undefined) {
      this.tell(ended, 'completed');
    }
  }

  /** The run in its next state; undefined when it was ended from outside. */
  private step(id: string, change: Pick<FakeRun, 'status' | 'conclusion'>): FakeRun | undefined {
    const run = this.world.runs.get(id);
    if (run === undefined || run.status === 'completed') {
      return undefined;
    }
    const next = { ...run, ...change, updatedAt: this.world.time() };
    this.world.runs.put(next);
    return next;
  }

  private tell(run: FakeRun, action: Notice['action']): void {
    this.hooks.emit({ guid: newGuid(), event: 'workflow_run', action, run, withInstallation: true });
  }
}

function orBefore<Value>(wanted: Value | undefined, before: Value): Value {
  return wanted === undefined ? before : wanted;
}
