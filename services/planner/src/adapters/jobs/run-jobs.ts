import { setTimeout as sleep } from 'node:timers/promises';
import { streamNames, WaybillError } from '@waybill/contracts';
import type { ControlView } from '@waybill/regions';
import type { Health, Lifecycle, Logger, Tracing } from '@waybill/runtime';
import type { Bus, Publish, RegistryView } from '@waybill/transport';
import type { AppendPorts, PlanAppender } from '../../application/append-plans.ts';
import { ItemDecider } from '../../application/jobs/decide-item.ts';
import type { RunPlanner } from '../../application/runs/plan-run.ts';
import { JobRunner } from '../../application/jobs/job-runner.ts';
import type { PlannerMetrics } from '../planner-metrics.ts';
import type { RegionPlace } from '../region-place.ts';
import { Repeating } from '../repeat.ts';
import { FollowedJobs } from './followed-jobs.ts';
import { StreamFacts } from './stream-facts.ts';
import { watchJobs } from './watch-job.ts';

export interface RunJobsParts extends Pick<AppendPorts, 'schema' | 'routing' | 'holdBody'> {
  readonly bus: Bus;
  readonly place: RegionPlace;
  readonly logger: Logger;
  readonly health: Health;
  readonly lifecycle: Lifecycle;
  readonly publish: Publish;
  readonly registry: RegistryView;
  readonly view: ControlView | undefined;
  readonly appender: PlanAppender;
  readonly runs: RunPlanner;
  readonly tracing: Tracing;
  readonly counted: PlannerMetrics;
}

const REGISTRY_BUDGET_MS = 5_000;

/** Runs the jobs of the own region until the lifecycle ends. */
export function runJobs({ bus, place, logger, health, lifecycle, registry, view, tracing, counted, ...ports }: RunJobsParts): void {
  const { region, settings, others } = place;
  const wake = (): void => repeating.wake();
  const jobs = lifecycle.own('job facts', new FollowedJobs({ bus, region, logger, onChange: wake }), (open) => open.close());
  const streams = new StreamFacts({ bus, region, others });
  // Without a record nobody can have taken anything over.
  const mayRun = (): boolean => (view?.record(region)?.state ?? 'active') === 'active';
  const runner = new JobRunner({
    ...ports,
    region,
    jobs,
    streams,
    subscriptions: registry,
    logStream: streamNames(region).log,
    decider: new ItemDecider({ ...ports, settings, subscriptions: registry, streams, mayRun }),
    mayRun,
    registryCaughtUp: async () => {
      if (!(await registry.caughtUp(REGISTRY_BUDGET_MS))) throw new WaybillError('WB_NATS_AWAY', 'the registry is not read up to its end');
    },
    watchJob: watchJobs({ region, tracing, metrics: counted }),
    nowMs: () => Date.now(),
    tickMs: () => performance.now(),
    sleep: (ms) => sleep(ms),
    onFailure: (jobId, failure) => {
      if (failure === undefined) logger.info({ event: 'planner.job_goes_on', jobId }, 'the job goes on');
      else logger.warn({ event: 'planner.job_waits', jobId, err: failure }, 'the job cannot go on: tried on');
    },
  });
  const repeating = new Repeating(
    // What takes long must not keep other jobs from their beginning.
    async () => void runner.step(),
    () => undefined,
  );
  lifecycle.own('jobs', runner, async (open) => {
    await repeating.stop();
    await open.stop();
  });
  health.declare('jobs', () => (runner.detail === undefined ? { ok: true } : { ok: true, detail: runner.detail }));
}
