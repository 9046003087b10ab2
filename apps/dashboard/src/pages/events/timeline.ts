import type { Tone } from '../../parts/state.tsx';
import type { Attempt, EventStory, StoryDelivery } from './event-story.ts';
import { type Span, type TimeScale, timeScale } from './time-scale.ts';

/** Part of an attempt: until the connection stood, until the answer began, until it was read; `whole` when that was not measured. Percent of the bar. */
export interface Phase {
  readonly kind: 'connect' | 'wait' | 'read' | 'whole';
  readonly ms: number;
}

/** One attempt, in percent of the width. */
export interface Bar {
  readonly attempt: Attempt;
  readonly fromPct: number;
  readonly toPct: number;
  readonly phases: readonly Phase[];
  readonly tone: Tone;
  /** Since the plan, or since the attempt before ended. */
  readonly waitedMs: number;
}

/** What one delivery did, and what it waits for. */
export interface Lane {
  readonly delivery: StoryDelivery;
  readonly plannedPct: number;
  readonly bars: readonly Bar[];
  /** While it has no end: from its last attempt, or its plan, until now; and from now until the next attempt when that has a time. */
  readonly waiting: { readonly fromPct: number; readonly nowPct: number; readonly toPct: number } | undefined;
}

export interface Timeline {
  readonly scale: TimeScale;
  readonly acceptedPct: number;
  /** When it was planned first; undefined while it was not. */
  readonly plannedPct: number | undefined;
  /** What needs attention first, then what is under way, then what is done. */
  readonly lanes: readonly Lane[];
}

const msOf = (at: string): number => Date.parse(at);
const endOf = ({ at, durationMs }: Attempt): number => msOf(at) + durationMs;

const ORDER: Readonly<Record<StoryDelivery['state'], number>> = {
  dead_lettered: 0,
  denied: 1,
  retrying: 2,
  delivering: 3,
  planned: 4,
  delivered: 5,
  superseded: 6,
};
/** Whether a delivery has no end yet. */
export const isUnderWay = ({ state }: Pick<StoryDelivery, 'state'>): boolean => ['planned', 'delivering', 'retrying'].includes(state);

/** Lays an event's story out: one scale for everything, a lane for each delivery, a bar for each attempt. */
export function timelineOf(story: EventStory, nowMs: number): Timeline {
  const acceptedMs = msOf(story.acceptedAt);
  const firstPlan = story.plans[0];
  const scale = timeScale([...workOf(story, acceptedMs), ...waitsOf(story, nowMs)]);
  const lanes = story.deliveries.map((delivery) => laneOf(delivery, plannedMsOf(story, delivery), scale, nowMs));
  return {
    scale,
    acceptedPct: scale.at(acceptedMs),
    plannedPct: firstPlan === undefined ? undefined : scale.at(msOf(firstPlan.at)),
    lanes: lanes.toSorted((left, right) => ORDER[left.delivery.state] - ORDER[right.delivery.state]),
  };
}

/** When a delivery was planned: what its own plan says; else what it says itself, which for live events is when they were accepted. */
function plannedMsOf({ plans }: EventStory, { region, jobId, plannedAt }: StoryDelivery): number {
  return msOf(plans.find((plan) => plan.region === region && plan.jobId === jobId)?.at ?? plannedAt);
}

function workOf({ plans, deliveries }: EventStory, acceptedMs: number): Span[] {
  const planned = plans.map(({ at, jobId }) =>
    jobId === null ? { fromMs: acceptedMs, toMs: msOf(at) } : { fromMs: msOf(at), toMs: msOf(at) },
  );
  const attempts = deliveries.flatMap(({ history }) => history.map((attempt) => ({ fromMs: msOf(attempt.at), toMs: endOf(attempt) })));
  return [{ fromMs: acceptedMs, toMs: acceptedMs }, ...planned, ...attempts];
}

/** What is still to come, as points in time. */
function waitsOf({ deliveries }: EventStory, nowMs: number): Span[] {
  const open = deliveries.filter(isUnderWay);
  const next = open.flatMap(({ nextAttemptAt }) => (nextAttemptAt === null ? [] : [msOf(nextAttemptAt)]));
  return open.length === 0 ? [] : [nowMs, ...next].map((ms) => ({ fromMs: ms, toMs: ms }));
}

function laneOf(delivery: StoryDelivery, plannedMs: number, scale: TimeScale, nowMs: number): Lane {
  const bars = delivery.history.map((attempt, index): Bar => {
    const before = delivery.history[index - 1];
    const waitedMs = Math.max(0, msOf(attempt.at) - (before === undefined ? plannedMs : endOf(before)));
    const tone = toneOf(attempt, delivery.state === 'dead_lettered' && index === delivery.history.length - 1);
    return { attempt, tone, fromPct: scale.at(msOf(attempt.at)), toPct: scale.at(endOf(attempt)), phases: phasesOf(attempt), waitedMs };
  });
  const last = delivery.history.at(-1);
  const fromPct = scale.at(last === undefined ? plannedMs : endOf(last));
  const nowPct = Math.max(fromPct, scale.at(nowMs));
  const toPct = delivery.nextAttemptAt === null ? nowPct : Math.max(nowPct, scale.at(msOf(delivery.nextAttemptAt)));
  return { delivery, plannedPct: scale.at(plannedMs), bars, waiting: isUnderWay(delivery) ? { fromPct, nowPct, toPct } : undefined };
}

/** What an attempt means for whoever looks; `isFatal`: none came after it. */
function toneOf({ outcome }: Attempt, isFatal: boolean): Tone {
  if (outcome === 'accepted') return 'good';
  return outcome === 'rejected' || isFatal ? 'bad' : 'warn';
}

/** The parts of an attempt in their order; together its duration. */
export function phasesOf({ durationMs, connectMs, firstByteMs }: Attempt): Phase[] {
  if (connectMs === null && firstByteMs === null) return [{ kind: 'whole', ms: durationMs }];
  const connected = Math.min(connectMs ?? 0, durationMs);
  const answered = Math.min(Math.max(firstByteMs ?? durationMs, connected), durationMs);
  const phases: Phase[] = [
    { kind: 'connect', ms: connected },
    { kind: 'wait', ms: answered - connected },
    { kind: 'read', ms: durationMs - answered },
  ];
  return phases.filter(({ ms }) => ms > 0);
}
