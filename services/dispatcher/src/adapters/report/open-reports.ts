import { setTimeout as sleep } from 'node:timers/promises';
import { type DispatchReported, type RoutingView, type Scope, subjects } from '@waybill/contracts';
import type { ControlView } from '@waybill/regions';
import type { Logger } from '@waybill/runtime';
import { type Bus, FactFollower, type Incoming, type Publish, type RegistryView } from '@waybill/transport';
import type { EndpointGate } from '../../application/endpoint-gate.ts';
import type { RegionPermission } from '../../application/permission.ts';
import type { Persistence } from '../../application/persistence.ts';
import { ReportLane } from '../../application/report/report-lane.ts';
import { Reporter } from '../../application/report/reporter.ts';
import type { ReportPorts } from '../../application/report/report-ports.ts';
import { joinDigest } from '../../domain/report/outcome.ts';
import { reportRegion } from '../../domain/report/report-region.ts';
import type { Decided } from '../../domain/report/story.ts';
import type { RegionSettings } from '../../region-settings.ts';
import type { GithubAccess } from '../dispatch/open-dispatches.ts';
import { readDispatchFact } from './read-dispatch-fact.ts';

export interface ReportsParts {
  readonly settings: Pick<RegionSettings, 'region' | 'order' | 'peers' | 'everythingIn'>;
  readonly github: GithubAccess;
  readonly bus: Bus;
  readonly publish: Publish;
  readonly registry: Pick<RegistryView, 'tenant'>;
  /** Absent for a region without peers. */
  readonly view: Pick<ControlView, 'routing'> | undefined;
  readonly permission: Pick<RegionPermission, 'open'>;
  readonly gate: EndpointGate;
  readonly persistence: Pick<Persistence, 'until'>;
  readonly logger: Logger;
  /** Default 8 s. */
  readonly issueEveryMs?: number | undefined;
  readonly nowMs: () => number;
}

/** What tells people on GitHub about their runs. */
export interface Reports {
  /** What waits, for the health report. */
  readonly remark: () => string | undefined;
  /** Takes up nothing new; resolves when what is being written is done, after three seconds at the latest. */
  readonly close: () => Promise<void>;
}

/** Older runs are told no more: nobody looks at their check runs. */
const HISTORY_MS = 3 * 24 * 3_600_000;
const EVERY_MS = 250;
/** What is cut off in the middle is written again by whoever comes next. */
const CLOSE_MS = 3_000;

/** Opens the reports of a region; undefined when the deployment wants none. It begins to write when all was read that was said before. */
export function openReports(parts: ReportsParts): Reports | undefined {
  const { settings, github, bus, gate, logger, nowMs, issueEveryMs } = parts;
  const { createChecks, createIssues, writesPerSecond } = github.config;
  if (!createChecks && !createIssues) return undefined;
  const { region, peers } = settings;
  const lane = new ReportLane({ gate, writesPerSecond, nowMs });
  const reporter = new Reporter({
    region,
    app: github.app,
    createChecks,
    createIssues,
    enter: (owner) => lane.enter(owner),
    writesHere: (decided) => writesHere(parts, decided),
    claim: (decided, name) => claim(parts, decided, name),
    appendReported: (fact, scope) => append(parts, fact, scope),
    ...lines(logger),
    issueEveryMs,
    nowMs,
  });
  const follower = new FactFollower({
    bus,
    region,
    hasPeers: peers.length > 0,
    filter: [subjects.dispatchFacts, subjects.refusedDeliveries],
    sinceMs: nowMs() - HISTORY_MS,
    visit: (message) => visit(reporter, message, logger),
    onFailure: (failure) => {
      if (failure !== undefined) logger.warn({ event: 'report.unread', err: failure }, 'check runs and issues wait');
    },
  });
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  void follower.loaded.then(() => {
    if (!isClosed) timer = setInterval(() => reporter.poke(), EVERY_MS);
  });
  const close = async (): Promise<void> => {
    isClosed = true;
    clearInterval(timer);
    follower.close();
    await Promise.race([reporter.idle(), sleep(CLOSE_MS, undefined, { ref: false })]);
  };
  return { remark: () => remarkOf(reporter), close };
}

function writesHere({ settings, view, registry, github, permission }: ReportsParts, decided: Decided): boolean {
  const { region, order, everythingIn } = settings;
  const alone: RoutingView = { order, states: new Map(), spilling: new Set() };
  const routing = { regions: order, everythingIn, repositoryRegions: github.config.repositoryRegions };
  const home = registry.tenant(decided.tenantId)?.placement?.home;
  const wanted = reportRegion(routing, view?.routing(order) ?? alone, decided, home);
  // What no other region knows of is written whatever the others do.
  return wanted === undefined || (wanted === region && permission.open);
}

/** A report that says nothing, older than any other, so that it changes nothing: all that counts is its Msg-Id, which LOG takes once in a minute. */
function claim(parts: ReportsParts, { eventId, tenantId, scope, at }: Decided, msgId: string): Promise<boolean> {
  const fact: DispatchReported = { v: 1, eventId, tenantId, region: parts.settings.region, digest: joinDigest(undefined, undefined), at };
  return publishReported(parts, { fact, scope, msgId });
}

async function append(parts: ReportsParts, fact: DispatchReported, scope: Scope): Promise<void> {
  await publishReported(parts, { fact, scope, msgId: `reported:${fact.eventId}:${Date.parse(fact.at)}` });
}

/** Whether it was stored now, and not before. */
async function publishReported(
  { settings, publish, persistence }: ReportsParts,
  { fact, scope, msgId }: { readonly fact: DispatchReported; readonly scope: Scope; readonly msgId: string },
): Promise<boolean> {
  const message = { subject: subjects.fact(settings.region, scope, 'dispatch.reported'), msgId, body: JSON.stringify(fact) };
  const { duplicate } = await persistence.until(() => publish(message));
  return !duplicate;
}

const lines = (logger: Logger): Pick<ReportPorts, 'onWaiting' | 'onRefused'> => ({
  onWaiting: (detail) => {
    if (detail === undefined) logger.info({ event: 'report.resumed' }, 'check runs and issues are written again');
    else logger.warn({ event: 'report.waiting', detail }, 'check runs and issues wait for GitHub');
  },
  onRefused: ({ run, eventId }, detail) =>
    logger.warn({ event: 'report.refused', repository: `${run.owner}/${run.repo}`, eventId, detail }, 'GitHub does not take this report'),
});

function visit(reporter: Reporter, message: Incoming, logger: Logger): void {
  try {
    const fact = readDispatchFact(message);
    if (fact !== undefined) reporter.apply(fact);
  } catch (error) {
    // One that cannot be read must not keep the others from being told.
    const { stream, seq } = message;
    logger.error({ event: 'report.unreadable', stream, seq, err: error }, 'a fact about a dispatch is left out');
  }
}

function remarkOf(reporter: Reporter): string | undefined {
  const { count, failure } = reporter.pending;
  return failure === undefined ? undefined : `${count} check runs and issues wait for GitHub: ${failure}`;
}
