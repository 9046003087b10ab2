import { isWaybillError } from '@waybill/contracts';
import type { GithubApp } from '@waybill/github';
import { isFinishedRun, type ListedDelivery, LostDeliveries, type LostDelivery } from '../../domain/github/lost-deliveries.ts';
import { type SweepLog, SweepRecord } from './sweep-record.ts';

/** What is worth a line in the log. */
export type SweepEvent = 'github.sweep_waits' | 'github.sweep_goes_on' | 'github.sweep_incomplete' | 'github.webhooks_given_up';

export interface SweepPorts extends SweepLog {
  readonly github: Pick<GithubApp, 'hookDeliveries' | 'redeliver'>;
  /** Whether this region is the one that sweeps. */
  readonly isMine: () => boolean;
  /** Whether what is asked for now could be stored: a door that cannot take webhooks in would use their tries up. */
  readonly isReady: () => boolean;
  /** Whether the log of any region holds this delivery. */
  readonly isStored: (guid: string) => boolean;
  /** Told what becomes another: GitHub went away, is back; a webhook is not asked for any more. */
  readonly tell: (event: SweepEvent, detail: string) => void;
  /** Rejects when `signal` aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

export interface SweepSettings {
  /** Time between two sweeps, in ms. */
  readonly everyMs: number;
  /** Time between two deliveries that are asked for, in ms. */
  readonly redeliverEveryMs: number;
}

/** How the sweeper is doing. `behindSeconds`: how long ago the list was read that the newest sweep ended with. */
export interface SweeperView {
  readonly state: 'elsewhere' | 'starting' | 'sweeping' | 'waiting';
  readonly detail: string | undefined;
  readonly sweptTo: string | undefined;
  readonly behindSeconds: number | undefined;
  /** Age of the oldest webhook that has not arrived and is still asked for; 0 without one. */
  readonly gapSeconds: number;
  readonly waiting: number;
  readonly givenUp: number;
  readonly redelivered: number;
}

interface Reading {
  readonly fromMs: number;
  readonly pages: number;
  readonly signal: AbortSignal;
}

const DAY_MS = 86_400_000;
/** GitHub keeps deliveries for about this long. */
const KEPT_MS = 3 * DAY_MS;
/** Deliveries are listed when they have ended, up to this long after they began. */
const OVERLAP_MS = 600_000;
/** Time between two readings of everything that GitHub keeps. */
const WHOLE_EVERY_MS = 3_600_000;
/** Pages of one reading, of 100 deliveries each: GitHub answers an App about 5,000 times in an hour. */
const MAX_PAGES = { whole: 1_000, since: 4_000 };

/**
 * Asks GitHub again for the webhooks that it could not deliver: it never tries again by itself. What is asked for twice is stored once, so a process
 * that dies anywhere in here only repeats itself.
 */
export class Sweeper {
  readonly #ports: SweepPorts;
  readonly #settings: SweepSettings;
  readonly #record: SweepRecord;
  readonly #lost: LostDeliveries;
  #state: SweeperView['state'] = 'starting';
  #detail: string | undefined;
  #wholeMs: number | undefined;
  #redelivered = 0;
  #givenUp = 0;

  constructor(ports: SweepPorts, settings: SweepSettings) {
    this.#ports = ports;
    this.#settings = settings;
    this.#record = new SweepRecord(ports);
    this.#lost = new LostDeliveries(settings.everyMs);
  }

  /** Sweeps until `signal` aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const waitMs = await this.turn(signal);
      await this.#ports.wait(waitMs, signal).catch(() => undefined);
    }
  }

  /** One sweep, or the reason why not; returns the ms to wait before the next. Never rejects. */
  async turn(signal: AbortSignal): Promise<number> {
    const { everyMs } = this.#settings;
    if (!this.#ports.isMine()) {
      this.#record.forget();
      this.#lost.take([], { isWhole: true });
      this.#state = 'elsewhere';
      this.#detail = undefined;
      return everyMs;
    }
    try {
      if (!this.#ports.isReady()) return this.#waits('this region cannot store webhooks now', Math.min(everyMs, 1_000));
      await this.#sweep(signal);
      this.#goesOn();
      return everyMs;
    } catch (error) {
      if (signal.aborted) return 0;
      return this.#waits(error instanceof Error ? error.message : String(error), Math.max(everyMs, retryAfterOf(error)));
    }
  }

  view(): SweeperView {
    const { waiting, givenUp, oldestMs } = this.#lost.state;
    const { sweptToMs } = this.#record;
    const age = (sinceMs: number): number => Math.max(0, Math.round((this.#ports.nowMs() - sinceMs) / 1000));
    return {
      state: this.#state,
      detail: this.#detail,
      sweptTo: sweptToMs === undefined ? undefined : new Date(sweptToMs).toISOString(),
      behindSeconds: sweptToMs === undefined ? undefined : age(sweptToMs),
      gapSeconds: oldestMs === undefined ? 0 : age(oldestMs),
      waiting,
      givenUp,
      redelivered: this.#redelivered,
    };
  }

  async #sweep(signal: AbortSignal): Promise<void> {
    const startedMs = this.#ports.nowMs();
    await this.#record.load();
    const { sweptToMs } = this.#record;
    const isWhole = sweptToMs === undefined || startedMs - (this.#wholeMs ??= startedMs) >= WHOLE_EVERY_MS;
    const fromMs = isWhole ? startedMs - KEPT_MS : Math.max(sweptToMs - OVERLAP_MS, startedMs - KEPT_MS);
    const { runs, listed, readToMs } = await this.#list({ fromMs, pages: isWhole ? MAX_PAGES.whole : MAX_PAGES.since, signal });
    this.#lost.take(runs, { isWhole });
    this.#lost.drop(this.#ports.isStored);
    this.#tellGivenUp();
    const gapSeconds = this.view().gapSeconds;
    const asked = await this.#askAgain(signal);
    if (asked === 'cut short') return;
    if (isWhole) this.#wholeMs = startedMs;
    await this.#record.append({ fromMs: readToMs, toMs: startedMs, listed, gapSeconds });
  }

  /** Reads the list from its newest end back to `fromMs`, or as far as it may; keeps finished runs only. */
  async #list({ fromMs, pages, signal }: Reading): Promise<{ runs: ListedDelivery[]; listed: number; readToMs: number }> {
    const runs: ListedDelivery[] = [];
    let listed = 0;
    let oldestMs = this.#ports.nowMs();
    let cursor: string | undefined;
    for (let page = 0; page < pages; page += 1) {
      const { deliveries, next } = await this.#ports.github.hookDeliveries(cursor);
      signal.throwIfAborted();
      const inside = deliveries.filter(({ deliveredAt }) => Date.parse(deliveredAt) >= fromMs);
      runs.push(...inside.filter(isFinishedRun));
      listed += inside.length;
      if (next === undefined || inside.length < deliveries.length) return { runs, listed, readToMs: fromMs };
      oldestMs = Date.parse(inside.at(-1)?.deliveredAt ?? '');
      cursor = next;
    }
    const readTo = new Date(oldestMs).toISOString();
    this.#ports.tell('github.sweep_incomplete', `the list of webhooks was read back to ${readTo} only, for it is too long`);
    return { runs, listed, readToMs: oldestMs };
  }

  async #askAgain(signal: AbortSignal): Promise<'done' | 'cut short'> {
    const { isMine, isReady, isStored, nowMs, wait } = this.#ports;
    for (const lost of this.#lost.due(nowMs())) {
      if (!isMine() || !isReady()) return 'cut short';
      if (isStored(lost.guid)) continue;
      await this.#ask(lost);
      await wait(this.#settings.redeliverEveryMs, signal);
    }
    this.#lost.drop(isStored);
    return 'done';
  }

  /** A refusal is a try too: GitHub knows the delivery no more, or will not send it. */
  async #ask({ guid, id: deliveryId }: LostDelivery): Promise<void> {
    const { github, nowMs } = this.#ports;
    try {
      await github.redeliver(deliveryId);
      this.#record.note({ guid, deliveryId });
      this.#redelivered += 1;
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
    this.#lost.asked(guid, nowMs());
  }

  #tellGivenUp(): void {
    const { givenUp } = this.#lost.state;
    if (givenUp > this.#givenUp)
      this.#ports.tell('github.webhooks_given_up', `${givenUp} webhooks of finished runs did not arrive in five more tries`);
    this.#givenUp = givenUp;
  }

  #waits(detail: string, waitMs: number): number {
    if (this.#detail === undefined) this.#ports.tell('github.sweep_waits', detail);
    this.#state = 'waiting';
    this.#detail = detail;
    return waitMs;
  }

  #goesOn(): void {
    if (this.#detail !== undefined) this.#ports.tell('github.sweep_goes_on', 'lost webhooks are looked for again');
    this.#state = 'sweeping';
    this.#detail = undefined;
  }
}

const isRefusal = (error: unknown): boolean => error instanceof Error && error.name === 'GithubRefused';

function retryAfterOf(error: unknown): number {
  const waitMs = isWaybillError(error) ? error.extra['retryAfterMs'] : undefined;
  return typeof waitMs === 'number' ? waitMs : 0;
}
