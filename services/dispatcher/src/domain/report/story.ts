import type {
  DecidedTarget,
  DeliveryId,
  DeliveryRefused,
  DispatchDecided,
  DispatchEnded,
  DispatchReported,
  DispatchSettled,
  EventId,
  Scope,
} from '@waybill/contracts';

/** A fact about dispatches, as far as reports need it. `scope` is that of its subject. */
export type DispatchFact =
  | { readonly type: 'dispatch.decided'; readonly scope: Scope; readonly fact: DispatchDecided }
  | { readonly type: 'dispatch.settled'; readonly fact: DispatchSettled }
  | { readonly type: 'dispatch.ended'; readonly fact: DispatchEnded }
  | { readonly type: 'dispatch.reported'; readonly fact: DispatchReported }
  /** Of a workflow dispatch: nobody could try it (again). */
  | { readonly type: 'delivery.refused'; readonly fact: DeliveryRefused };

/** What a run led to, without the inputs and the files: hundreds of KiB a run, which no report shows. */
export interface Decided extends Omit<DispatchDecided, 'v' | 'chain' | 'targets' | 'files'> {
  readonly scope: Scope;
  readonly targets: readonly Omit<DecidedTarget, 'dispatch'>[];
}

/** What became of a call so far. `wasUnknown`: at some time it was uncertain whether a run had started. */
export interface Settled {
  readonly outcome: DispatchSettled['outcome'];
  readonly at: string;
  readonly wasUnknown: boolean;
}

export type Ended = Pick<DispatchEnded, 'runAttempt' | 'conclusion' | 'url' | 'at'>;

/** What the check run and the issue are known to say. */
export type Reported = Omit<DispatchReported, 'v' | 'tenantId' | 'eventId'>;

/**
 * All that was said about the dispatches of one source run. The order in which facts arrive makes no difference: those of other regions come late, and
 * may come before the decision itself.
 */
export interface Story {
  readonly eventId: EventId;
  readonly decided?: Decided | undefined;
  readonly settled: ReadonlyMap<DeliveryId, Settled>;
  readonly ended: ReadonlyMap<DeliveryId, Ended>;
  readonly reported?: Reported | undefined;
}

const emptyStory = (eventId: EventId): Story => ({ eventId, settled: new Map(), ended: new Map() });

/** The story with one more fact. Facts that come again, or late, change nothing. Pure. */
export function foldStory(known: Story | undefined, told: DispatchFact): Story {
  const story = known ?? emptyStory(told.fact.eventId);
  switch (told.type) {
    case 'dispatch.decided':
      return { ...story, decided: firstDecided(story.decided, { ...slim(told.fact), scope: told.scope }) };
    case 'dispatch.settled':
      return { ...story, settled: withNewest(story.settled, told.fact.deliveryId, settledAfter(story, told.fact)) };
    case 'delivery.refused':
      return { ...story, settled: withNewest(story.settled, told.fact.deliveryId, settledAfter(story, givenUp(told.fact))) };
    case 'dispatch.ended':
      return { ...story, ended: withNewest(story.ended, told.fact.deliveryId, endedAfter(story, told.fact)) };
    case 'dispatch.reported':
      return { ...story, reported: reportedAfter(story.reported, told.fact) };
    default:
      return told satisfies never;
  }
}

/** What was decided is not decided again; where two regions did so all the same, every region takes the earlier one. */
const firstDecided = (known: Decided | undefined, next: Decided): Decided =>
  known !== undefined && (known.at < next.at || (known.at === next.at && known.region <= next.region)) ? known : next;

function slim({ v: _v, chain: _chain, files: _files, targets, ...rest }: DispatchDecided): Omit<Decided, 'scope'> {
  return { ...rest, targets: targets.map(({ dispatch: _dispatch, ...target }) => target) };
}

const withNewest = <T>(all: ReadonlyMap<DeliveryId, T>, id: DeliveryId, one: T): ReadonlyMap<DeliveryId, T> => new Map(all).set(id, one);

type Said = Pick<DispatchSettled, 'deliveryId' | 'outcome' | 'at'>;

/** What the end of a delivery means for its call: there is no other one. */
const givenUp = ({ deliveryId, next, at }: DeliveryRefused): Said => ({
  deliveryId,
  outcome: { kind: 'released', detail: `the delivery was given up: ${next.reason}`, givenUp: true },
  at,
});

/** A run that started stays started; else the newest word counts, so that an operator's replay opens the target again. */
function settledAfter({ settled }: Story, { deliveryId, outcome, at }: Said): Settled {
  const known = settled.get(deliveryId);
  const wasUnknown = outcome.kind === 'unknown' || known?.wasUnknown === true;
  if (known === undefined) return { outcome, at, wasUnknown };
  const [before, now] = [known.outcome.kind === 'started', outcome.kind === 'started'];
  const isNewer = before === now ? at > known.at || (at === known.at && rank(outcome) > rank(known.outcome)) : now;
  return isNewer ? { outcome, at, wasUnknown } : { ...known, wasUnknown };
}

/** Of two words of the same instant the more final one counts. */
const rank = (outcome: DispatchSettled['outcome']): number =>
  ['released', 'unknown', 'givenUp', 'denied', 'failed', 'started'].indexOf(isGivenUp(outcome) ? 'givenUp' : outcome.kind);

/** Whether no call follows by itself after one that is known not to have reached GitHub. */
export const isGivenUp = (outcome: DispatchSettled['outcome']): boolean => outcome.kind === 'released' && outcome.givenUp === true;

function endedAfter({ ended }: Story, { deliveryId, runAttempt, conclusion, url, at }: DispatchEnded): Ended {
  const known = ended.get(deliveryId);
  const isOlder = known !== undefined && (runAttempt < known.runAttempt || (runAttempt === known.runAttempt && at < known.at));
  return isOlder ? known : { runAttempt, conclusion, url, at };
}

/** Ids stay known when a later report does not name them. */
function reportedAfter(known: Reported | undefined, { v: _v, tenantId: _t, eventId: _e, ...next }: DispatchReported): Reported {
  const [older, newer] = known === undefined || known.at <= next.at ? [known, next] : [next, known];
  return { ...newer, checkRunId: newer.checkRunId ?? older?.checkRunId, issueNumber: newer.issueNumber ?? older?.issueNumber };
}
