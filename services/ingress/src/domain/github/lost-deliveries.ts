/** One try of a webhook, as GitHub's delivery list shows it. `guid` is the same for all tries. */
export interface ListedDelivery {
  readonly id: string;
  readonly guid: string;
  readonly deliveredAt: string;
  readonly event: string;
  readonly action: string | undefined;
  readonly statusCode: number;
  readonly isRedelivery: boolean;
}

/** A finished run whose webhook has not arrived. */
export interface LostDelivery {
  readonly guid: string;
  /** Of its newest try: asking for that one again asks for the webhook. */
  readonly id: string;
  /** When GitHub tried first. */
  readonly atMs: number;
  /** How often it was asked for again, by whomever. */
  readonly tries: number;
  readonly lastTryMs: number;
}

/** How long after the last try the next one is asked for, in ms: five in all, for a door that is closed for a moment as well as for hours. */
const tryAfterMs = (everyMs: number): readonly number[] => [0, everyMs, 5 * everyMs, 3_600_000, 21_600_000];

/** Of all that GitHub sends, what Waybill takes in. */
export const isFinishedRun = ({ event, action }: ListedDelivery): boolean => event === 'workflow_run' && action === 'completed';

const hasArrived = ({ statusCode }: ListedDelivery): boolean => statusCode >= 200 && statusCode <= 299;

/** What GitHub tried in vain, as far as the delivery list was read, and what is to be asked for again. Knows no clock. */
export class LostDeliveries {
  readonly #tryAfterMs: readonly number[];
  #lost = new Map<string, LostDelivery>();

  /** `everyMs`: time between two looks at the list. */
  constructor(everyMs: number) {
    this.#tryAfterMs = tryAfterMs(everyMs);
  }

  /** Takes in what was listed, in any order. `isWhole`: what is not in it is no more. */
  take(listed: readonly ListedDelivery[], { isWhole }: { readonly isWhole: boolean }): void {
    const before = this.#lost;
    if (isWhole) this.#lost = new Map();
    const runs = listed.filter(isFinishedRun);
    const arrived = new Set(runs.filter(hasArrived).map(({ guid }) => guid));
    for (const guid of arrived) this.#lost.delete(guid);
    for (const [guid, tries] of Map.groupBy(runs, (run) => run.guid))
      if (!arrived.has(guid)) this.#lost.set(guid, merged(lostOf(guid, tries), before.get(guid)));
  }

  /** Those that it is time to ask for again, the oldest first. */
  due(nowMs: number): LostDelivery[] {
    return [...this.#lost.values()]
      .filter(({ tries, lastTryMs }) => nowMs - lastTryMs >= (this.#tryAfterMs[tries] ?? Number.POSITIVE_INFINITY))
      .toSorted((one, other) => one.atMs - other.atMs);
  }

  asked(guid: string, nowMs: number): void {
    const lost = this.#lost.get(guid);
    if (lost !== undefined) this.#lost.set(guid, { ...lost, tries: lost.tries + 1, lastTryMs: nowMs });
  }

  /** Forgets those that `isKnown`: they came another way, or GitHub did not hear the answer. */
  drop(isKnown: (guid: string) => boolean): void {
    for (const guid of this.#lost.keys()) if (isKnown(guid)) this.#lost.delete(guid);
  }

  /** How many are still asked for, how many no more, and since when the oldest of the former is missing. */
  get state(): { readonly waiting: number; readonly givenUp: number; readonly oldestMs: number | undefined } {
    const all = [...this.#lost.values()];
    const waiting = all.filter(({ tries }) => tries < this.#tryAfterMs.length);
    const oldestMs = waiting.reduce((oldest, { atMs }) => Math.min(oldest, atMs), Number.POSITIVE_INFINITY);
    return { waiting: waiting.length, givenUp: all.length - waiting.length, oldestMs: waiting.length === 0 ? undefined : oldestMs };
  }
}

function lostOf(guid: string, tries: readonly ListedDelivery[]): LostDelivery {
  const sorted = tries.toSorted((one, other) => Date.parse(other.deliveredAt) - Date.parse(one.deliveredAt));
  const [newest, oldest] = [sorted[0], sorted.at(-1)];
  return {
    guid,
    id: newest?.id ?? '',
    atMs: Date.parse(oldest?.deliveredAt ?? ''),
    tries: tries.filter(({ isRedelivery }) => isRedelivery).length,
    lastTryMs: Date.parse(newest?.deliveredAt ?? ''),
  };
}

/** A listing may begin after the first try, or not show yet what was asked for a moment ago. */
function merged(listed: LostDelivery, before: LostDelivery | undefined): LostDelivery {
  if (before === undefined) return listed;
  return {
    ...listed,
    atMs: Math.min(listed.atMs, before.atMs),
    tries: Math.max(listed.tries, before.tries),
    lastTryMs: Math.max(listed.lastTryMs, before.lastTryMs),
  };
}
