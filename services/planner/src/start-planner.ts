import { CONSUMERS, streamNames } from '@waybill/contracts';
import { type Bodies, bodyVariables, openBodies } from '@waybill/bodies';
import { decideRun } from '@waybill/dispatching';
import { type GithubConfig, githubConfigOf, openGithubApp } from '@waybill/github';
import { connectionOf, ControlView } from '@waybill/regions';
import {
  baseConfigSchema,
  createLogger,
  Health,
  Lifecycle,
  loadConfig,
  type Logger,
  Metrics,
  openTracing,
  runService,
  type RunningService,
  type Tracing,
  wholeNumber,
  WorkLog,
} from '@waybill/runtime';
import { type Bus, connectBus, JetStreamStrategy, Publisher, type Publish, RegistryView } from '@waybill/transport';
import { z } from 'zod';
import { expectKeys } from './adapters/expect-keys.ts';
import { explainRoutes } from './adapters/explain-routes.ts';
import { PlannedInLog } from './adapters/planned-before.ts';
import { runJobs } from './adapters/jobs/run-jobs.ts';
import { plannerMetrics, type PlannerMetrics } from './adapters/planner-metrics.ts';
import { recallRoutes } from './adapters/recall-routes.ts';
import { type RegionPlace, regionPlace, routingOf } from './adapters/region-place.ts';
import { FollowedDispatches } from './adapters/runs/follow-dispatches.ts';
import { waitingRuns } from './adapters/runs/tell-waiting.ts';
import { Repeating } from './adapters/repeat.ts';
import { SeveralRegions } from './adapters/several-regions.ts';
import { pendingIn, watchConsumers } from './adapters/watch-consumers.ts';
import { watchPlanning } from './adapters/watch-planning.ts';
import { AppModule } from './app.module.ts';
import { PlanAppender } from './application/append-plans.ts';
import { KeyTurns } from './application/key-turns.ts';
import { ownEvent, planEvent } from './application/plan-event.ts';
import type { HoldBody } from './application/payload-for-filters.ts';
import type { PlannedEvents } from './application/planned-events.ts';
import type { PlanningWatch } from './application/planning-watch.ts';
import { RunPlanner } from './application/runs/plan-run.ts';
import { StickyRegions } from './application/sticky-regions.ts';

const configSchema = baseConfigSchema.extend({
  ...bodyVariables,
  PLANNER_CONCURRENCY: wholeNumber.pipe(z.int().min(1).max(2_000)).default(256),
  /** Finished workflow runs that are planned at once. */
  PLANNER_RUNS_CONCURRENCY: wholeNumber.pipe(z.int().min(1).max(1_000)).default(64),
  /** JetStream domain of the control bucket. Unused with a single region. */
  CONTROL_DOMAIN: z.string().default('hub'),
});
type PlannerConfig = z.output<typeof configSchema>;

/** The process around the planner: what it stands on, and what closes it. */
interface Ground {
  readonly config: PlannerConfig;
  /** Absent: no GitHub App is set up here. */
  readonly github: GithubConfig | undefined;
  readonly place: RegionPlace;
  readonly logger: Logger;
  readonly health: Health;
  readonly lifecycle: Lifecycle;
  readonly bus: Bus;
  readonly publish: Publish;
  readonly registry: RegistryView;
  /** Only with several regions. */
  readonly view: ControlView | undefined;
  readonly tracing: Tracing;
  readonly metrics: Metrics;
  readonly counted: PlannerMetrics;
  readonly work: WorkLog;
}

const nowMs = (): number => Date.now();
const UNREADABLE = { eventId: '', tenantId: '', eventType: '', version: 0 };

/** Wires the planner and runs it until it is told to stop. */
export async function startPlanner(env: NodeJS.ProcessEnv): Promise<RunningService> {
  const ground = await layGround(env);
  const { config, place, logger, health, lifecycle, bus, view, tracing, metrics } = ground;
  const { region, others } = place;
  const planning = await planningOn(ground);
  const { appender, plannedBefore, dispatches } = planning;
  const stream = streamNames(region).log;
  const events = { pattern: 'event.accepted', stream, durable: CONSUMERS.planner, concurrency: config.PLANNER_CONCURRENCY };
  const runs = { pattern: 'run.completed', stream, durable: CONSUMERS.plannerRuns, concurrency: config.PLANNER_RUNS_CONCURRENCY };
  const strategy = new JetStreamStrategy({
    logger,
    tracing,
    region,
    onPoison: async (message, detail) => {
      await appender.refuse(ownEvent(region, message), { verdict: 'poison', detail, about: UNREADABLE }, plannedBefore.events);
      planning.keyTurns.end(message.seq);
    },
    ...(view === undefined ? { bus, bindings: [events, runs] } : {}),
  });
  const sources = { events: { bus, bindings: [events] }, runs: { bus, bindings: [runs] } };
  const several = view && new SeveralRegions({ ...ground, view, region, others, planning, dispatches, strategy, sources });
  if (several === undefined) await plannedBefore.load();
  else lifecycle.own('regions', several, (open) => open.stop());
  several?.declareHealth(health);
  several?.start();
  runJobs({ ...ground, ...planning });
  watchConsumers({ ...ground, region });
  return runService({
    name: 'planner',
    config,
    logger,
    strategy,
    module: AppModule.with({ logger, health, lifecycle, metrics, planEvent: planEvent({ ...planning, mayPlan: several?.mayPlan }) }),
  });
}

async function layGround(env: NodeJS.ProcessEnv): Promise<Ground> {
  const config = loadConfig(configSchema, env);
  const github = githubConfigOf(env);
  const place = regionPlace(env, github?.repositoryRegions);
  const { region, others, multi } = place;
  const logger = createLogger({ service: 'planner', region, level: config.LOG_LEVEL });
  const [health, lifecycle] = [new Health(), new Lifecycle()];
  const tracing = lifecycle.own('tracing', await openTracing({ service: 'planner', region, env, logger }), (open) => open.close());
  const onWaiting = (detail: string): void => logger.warn({ event: 'nats.waiting' }, detail);
  const connected = await connectBus({ ...connectionOf({ service: 'planner', region }, env), onWaiting });
  const bus = lifecycle.own('bus', connected, (open) => open.close());
  const metrics = new Metrics({ isOn: config.METRICS_ENABLED, token: config.METRICS_TOKEN });
  const asked = { isBusUp: () => bus.isUp(), pending: pendingIn(bus, region) };
  const counted = plannerMetrics(metrics, { region, regions: multi.order, ...asked });
  const publisher = new Publisher(bus, { tracing, region, onFailed: counted.publishFailed });
  const { publish } = lifecycle.own('publisher', publisher, (open) => open.close());
  const registry = lifecycle.own('registry', await RegistryView.follow(bus, logger, region), (open) => open.close());
  health.declare('nats', () => (bus.isUp() ? { ok: true } : { ok: false, detail: 'waiting for the connection' }));
  health.declare('registry', () => (registry.failure === undefined ? { ok: true } : { ok: false, detail: registry.failure }));
  const follow = (): ControlView => ControlView.follow({ bus, logger, regions: multi.order, domain: config.CONTROL_DOMAIN });
  const view = others.length === 0 ? undefined : lifecycle.own('control', follow(), (open) => open.close());
  const seen = { tracing, metrics, counted, work: new WorkLog(logger, { perSecond: config.LOG_WORK_PER_SECOND }) };
  return { config, github, place, logger, health, lifecycle, bus, publish, registry, view, ...seen };
}

async function planningOn(ground: Ground) {
  const { config, place, logger, lifecycle, bus, publish, registry, view, tracing, counted: metrics, work } = ground;
  const { region, settings, others } = place;
  const sticky = view && new StickyRegions();
  if (sticky !== undefined) await recallRoutes({ bus, registry, settings, logger }, sticky);
  const schema = { version: config.EVENT_SCHEMA_VERSION, minCompatible: config.EVENT_SCHEMA_MIN_COMPATIBLE };
  const bodies = bodiesOf(ground);
  const holdBody: HoldBody = (ref, scope) => bodies.hold(ref, scope);
  const watch = watchPlanning({ region, tracing, metrics, work, nowMs });
  const appender = new PlanAppender({
    schema,
    settings,
    subscriptions: registry,
    routing: routingOf(place, view),
    sticky,
    publish,
    holdBody,
    nowMs,
    explain: explainRoutes(logger),
    watch,
  });
  const record = view && (() => view.record(region));
  const followed = new FollowedDispatches({ bus, region, hasPeers: others.length > 0, logger });
  const dispatches = lifecycle.own('dispatches', followed, (open) => open.close());
  const catchUp = (): Promise<void> => dispatches.catchUp();
  const onFailure = (error: unknown): void => logger.error({ event: 'planner.reload_failed', err: error }, 'own output not read');
  const keyTurns: KeyTurns = new KeyTurns(() => plannedBefore.loaded);
  const expect = (planned: PlannedEvents): Promise<void> => expectKeys({ bus, region, schema, planned, turns: keyTurns });
  const inLog = new PlannedInLog({ bus, region, record, expectKeys: expect, catchUp, onFailure });
  const plannedBefore = lifecycle.own('planned', inLog, (open) => open.close());
  bus.onReconnect(() => void plannedBefore.reload());
  const runs = runPlannerOn(ground, dispatches, { appender, watch });
  const ends = new Repeating(
    () => runs.tellLateEnds(),
    (failure) => failure !== undefined && logger.warn({ event: 'planner.ends_untold', err: failure }, 'the ends of runs: tried on'),
  );
  lifecycle.own('ends', ends, (open) => open.stop());
  const common = { region, schema, subscriptions: registry, plannedBefore, keyTurns, appender, holdBody, watch };
  return { ...common, runs, dispatches, routing: routingOf(place, view) };
}

/** Large payloads that filters look at, in memory at once. */
const BODIES_IN_MEMORY_BYTES = 67_108_864;

function bodiesOf({ config, place, logger, health, bus, registry }: Ground): Bodies {
  const bodies = openBodies({
    bus,
    region: place.region,
    peers: place.others,
    key: config.REGION_SHARED_KEY,
    urlOf: (region) => registry.internalUrl(region),
    maxBytesInMemory: BODIES_IN_MEMORY_BYTES,
    logger,
    nowMs,
  });
  health.declare('large payloads', () => (bodies.remark === undefined ? { ok: true } : { ok: true, detail: bodies.remark }));
  return bodies;
}

function runPlannerOn(
  { github, place, logger, health, lifecycle, publish, registry }: Ground,
  facts: FollowedDispatches,
  parts: { readonly appender: PlanAppender; readonly watch: PlanningWatch },
) {
  const waiting = waitingRuns(logger);
  health.declare('github', () => (waiting.detail === undefined ? { ok: true } : { ok: true, detail: waiting.detail }));
  const app = github && lifecycle.own('github', openGithubApp({ config: github, logger }), (open) => open.close());
  return new RunPlanner({
    region: place.region,
    decide: decideRun,
    github: app && github && { reads: app, policy: github.policy, botLogin: () => app.botLogin() },
    index: facts.index,
    facts,
    waiting,
    pauses: () => registry.pauses(),
    publish,
    ...parts,
    nowMs,
  });
}
