import { type DeliveryId, type TakeoverClaimed, timeOfId } from '@waybill/contracts';
import { isDispatch } from '../../domain/dispatch/dispatch-endpoint.ts';
import { CLOCK_MARGIN_MS, type OpenDelivery } from '../../domain/takeover/open-deliveries.ts';
import type { ClaimAndArm } from './claim-and-arm.ts';
import { readBackOver } from './read-back-over.ts';
import { type Needed, type Owed, Responsibility, type ResponsibilityPorts } from './responsibility.ts';
import { type Evidence, type History, isOwnWord, type Mark, type Pause, type Schedules, type TakeoverFacts } from './takeover-ports.ts';
import type { TakenElsewhere } from './taken-elsewhere.ts';
import type { TakeoverStory } from './takeover-story.ts';
import { HORIZON_MS, type WhatOthersDid } from './what-others-did.ts';
import { yieldEnded } from './yield-ended.ts';

export interface TakeOverPorts extends ResponsibilityPorts {
  readonly history: Pick<History, 'present' | 'readBack' | 'readAhead'>;
  readonly facts: Pick<TakeoverFacts, 'changes'>;
  readonly schedules: Pick<Schedules, 'has' | 'pending' | 'fireNow'>;
  readonly elsewhere: TakenElsewhere;
  readonly claimAndArm: Pick<ClaimAndArm, 'take'>;
  readonly whatOthersDid: Pick<WhatOthersDid, 'yieldLate'>;
  /** Whether this region may take anything now. */
  readonly mayTake: () => boolean;
  /** When all regions have heard of every change that this one has, ms since 1970: before that two of them may think that they stand in. */
  readonly settledMs: () => number;
  readonly pause: Pause;
  readonly nowMs: () => number;
}

/** In which epoch the region was given up, and how. */
export interface GivenUp {
  readonly epoch: number;
  /** It let go of its work in order, and said so last: everything it did is known when that word is here. */
  readonly isDrained: boolean;
}

/** How far a takeover is, for people. */
export interface TakeOverProgress {
  readonly of: string;
  readonly epoch: number;
  readonly phase: 'waiting' | 'reading' | 'following';
  /** What it waits for. */
  readonly waitingFor?: string | undefined;
  /** How far back everything was looked at, ms since 1970; undefined: not at all yet. */
  readonly backToMs?: number | undefined;
  /** Deliveries taken over by this process. */
  readonly taken: number;
  /** Endpoints whose deliveries wait for registry entries. */
  readonly unready: number;
}

/** What has to be read: everything since `sinceMs`, not earlier than `fromMs` (ms since 1970). */
interface Due {
  readonly sinceMs: number;
  readonly fromMs: number;
}

/** A reading under way: what others touched since it began, and when that was (ms since 1970). */
interface Reading {
  readonly touched: ReadonlySet<DeliveryId>;
  readonly notBeforeMs: number;
}

/** The endpoints' oldest deliveries that wait for the registry. */
type Unready = Needed & { readonly eventMs: number };

const LOOK_EVERY_MS = 1_000;
/** A planner that has not heard of it yet makes plans for the region all the time: they are read together, at most so late. */
const GATHER_MS = 5_000;

/**
 * Brings the deliveries of a region that cannot deliver to this one, as far as this one stands in: first what is there, newest first, then what still
 * arrives. Deliveries with an order wait until all of it is read, so that an older one is not overtaken. It can be interrupted anywhere and begun again: what was claimed is found to be claimed. All methods reject only when the process stops.
 */
export class TakeOver {
  readonly #ports: TakeOverPorts;
  readonly #givenUp: GivenUp;
  readonly #story: TakeoverStory | undefined;
  readonly #responsibility: Responsibility;
  /** For whom somebody else stands in: one delivery of each tenant, and one of all dispatches. */
  readonly #left = new Map<string, Owed>();
  readonly #unready = new Map<string, Unready>();
  /** For each reading that is under way: the deliveries about which others said something since it began. */
  readonly #touched = new Set<Set<DeliveryId>>();
  /** Deliveries with an order that the outermost reading found, or one within it: until all is read that may come before one of them. */
  #inOrder: Map<DeliveryId, OpenDelivery> | undefined;
  #after: Mark | undefined;
  #due: Due | undefined;
  #readingMs = 0;
  #progress: Omit<TakeOverProgress, 'of' | 'epoch'> = { phase: 'waiting', taken: 0, unready: 0 };

  constructor(ports: TakeOverPorts, givenUp: GivenUp, story?: TakeoverStory) {
    this.#ports = ports;
    this.#givenUp = givenUp;
    this.#story = story;
    this.#responsibility = new Responsibility(ports);
  }

  get progress(): TakeOverProgress {
    return { of: this.#ports.of, epoch: this.#givenUp.epoch, ...this.#progress };
  }

  /** Takes over until `signal` aborts; a batch that was begun is finished. */
  async run(signal: AbortSignal): Promise<void> {
    const { pause } = this.#ports;
    await this.#awaitLastWord(signal);
    this.#readAgain(Number.NEGATIVE_INFINITY, 0);
    while (!signal.aborted) {
      if (this.#isSettled() && this.#isDue(this.#due)) await this.#readAndTake(this.#due.sinceMs, signal);
      await pause(LOOK_EVERY_MS, signal);
      await this.#lookAhead();
      this.#lookAtLeft();
      await this.#lookAtUnready();
    }
  }

  /**
   * Takes nothing any more, but gives up what the region turns out to have ended itself, until its own word arrives that it delivers again: by then all
   * that it had to tell is here.
   */
  async watch(signal: AbortSignal): Promise<void> {
    const { of, facts, pause } = this.#ports;
    while (!signal.aborted) {
      const changes = await facts.changes();
      await this.#lookAhead();
      if (changes.some((told) => isOwnWord(told) && told.by === of && told.change.epoch > this.#givenUp.epoch)) return;
      await pause(LOOK_EVERY_MS, signal);
    }
  }

  #isSettled(): boolean {
    const { nowMs, settledMs } = this.#ports;
    const isSettled = settledMs() <= nowMs();
    this.#tell(isSettled ? {} : { waitingFor: 'all regions to have heard of the change' });
    return isSettled;
  }

  #isDue(due: Due | undefined): due is Due {
    return due !== undefined && due.fromMs <= this.#ports.nowMs();
  }

  async #awaitLastWord(signal: AbortSignal): Promise<void> {
    const { of, facts, pause } = this.#ports;
    const { epoch, isDrained } = this.#givenUp;
    while (isDrained && !signal.aborted) {
      const changes = await facts.changes();
      if (changes.some(({ by, change }) => by === of && change.region === of && change.state === 'drained' && change.epoch === epoch))
        return this.#story?.note('drain');
      this.#tell({ waitingFor: `the last facts of ${of}` });
      await pause(LOOK_EVERY_MS, signal);
    }
  }

  async #readAndTake(sinceMs: number, signal: AbortSignal): Promise<void> {
    const { of, history, nowMs } = this.#ports;
    const startedMs = nowMs();
    const isWhole = sinceMs === Number.NEGATIVE_INFINITY;
    this.#due = undefined;
    this.#forgetSince(sinceMs);
    this.#tell({ phase: 'reading' });
    // Whatever is stored behind this place is seen by looking ahead.
    const end = await this.#lookAhead();
    const touched = new Set<DeliveryId>();
    this.#touched.add(touched);
    const reading = { touched, notBeforeMs: startedMs };
    const isOutermost = this.#inOrder === undefined;
    const inOrder = (this.#inOrder ??= new Map<DeliveryId, OpenDelivery>());
    const untilMs = Math.max(sinceMs, startedMs - HORIZON_MS);
    for await (const { settled, fromMs, oldestUncertainMs } of readBackOver({ of, history, nowMs, end })) {
      for (const open of settled) if (open.order !== undefined) inOrder.set(open.deliveryId, open);
      const others = settled.filter(({ order }) => order === undefined);
      await this.#take(others, reading, signal);
      if (isWhole) {
        this.#tell({ backToMs: fromMs });
        await this.#readLatestFirst(signal);
      }
      // Plans that arrived lately may be of events that are older than all else.
      const wantedMs = isWhole ? Math.min(untilMs, oldestUncertainMs ?? untilMs) : untilMs;
      if (signal.aborted || fromMs + CLOCK_MARGIN_MS <= wantedMs) break;
    }
    if (isOutermost) {
      this.#inOrder = undefined;
      await this.#take([...inOrder.values()], reading, signal);
    }
    this.#touched.delete(touched);
    this.#readingMs = nowMs() - startedMs;
    this.#tell({ phase: 'following' });
    if (isWhole && !signal.aborted) this.#caughtUp();
  }

  #caughtUp(): void {
    this.#story?.note('verify');
    this.#story?.end(this.#progress.taken);
  }

  /** What has just been planned does not wait until all of history is read. */
  async #readLatestFirst(signal: AbortSignal): Promise<void> {
    const due = this.#due;
    if (!this.#isDue(due) || signal.aborted || due.sinceMs === Number.NEGATIVE_INFINITY) return;
    await this.#readAndTake(due.sinceMs, signal);
  }

  async #take(open: readonly OpenDelivery[], reading: Reading, signal: AbortSignal): Promise<void> {
    if (open.length === 0) return;
    const { of, claimAndArm, mayTake, nowMs } = this.#ports;
    const { mine, unready, left } = await this.#responsibility.divide(open);
    for (const delivery of left) this.#noteLeft(delivery);
    for (const delivery of unready) this.#noteUnready(delivery);
    await this.#lookAhead();
    const { touched, notBeforeMs } = reading;
    const untouched = mine.filter(({ deliveryId }) => !touched.has(deliveryId));
    this.#readAgain(oldestOf(mine.filter(({ deliveryId }) => touched.has(deliveryId))), nowMs());
    const mayGoOn = (): boolean => !signal.aborted && mayTake() && this.#isSettled();
    const taken = await claimAndArm.take(untouched, { of, epoch: this.#givenUp.epoch, notBeforeMs, mayTake: mayGoOn });
    this.#readAgain(oldestOf(untouched.slice(taken)), nowMs());
    if (taken > 0) this.#story?.note('route');
    this.#tell({ taken: this.#progress.taken + taken });
  }

  /** Reads what has been stored since it last looked. Resolves with how far. */
  async #lookAhead(): Promise<Mark> {
    const { of, history, whatOthersDid } = this.#ports;
    if (this.#after === undefined) {
      const { end } = await history.present();
      await whatOthersDid.yieldLate(of);
      this.#after = end;
    }
    const ended: DeliveryId[] = [];
    this.#after = await history.readAhead(of, this.#after, (fact) => this.#noteAhead(fact, ended));
    if (ended.length > 0) await yieldEnded(this.#ports, ended);
    return this.#after;
  }

  #noteAhead(fact: Evidence, ended: DeliveryId[]): void {
    if (fact.kind === 'claim') return this.#noteClaim(fact.claim);
    if (fact.kind === 'attempt') {
      this.#touch([fact.deliveryId]);
      if (fact.known.next.kind !== 'retry') ended.push(fact.deliveryId);
      return;
    }
    for (const planned of fact.deliveries.filter((one) => !this.#responsibility.standsInFor(one))) this.#noteLeft(planned);
    const mine = fact.deliveries.find((planned) => this.#responsibility.standsInFor(planned));
    if (mine === undefined) return;
    this.#readAgain(timeOfId(mine.deliveryId) ?? mine.madeMs, this.#ports.nowMs() + Math.min(2 * this.#readingMs, GATHER_MS));
  }

  #noteLeft({ tenantId, endpointId }: Owed): void {
    this.#left.set(isDispatch(endpointId) ? 'github' : `tenant ${tenantId}`, { tenantId, endpointId });
  }

  #noteClaim({ by, deliveryIds }: TakeoverClaimed): void {
    if (by === this.#ports.region) return;
    this.#touch(deliveryIds);
    // What the region had taken from another one before it was given up, told late: its plans may lie far back.
    if (by === this.#ports.of) this.#readAgain(Number.NEGATIVE_INFINITY, this.#ports.nowMs());
  }

  /** Another region that stood nearer may have been given up too, or a tenant was placed anew. */
  #lookAtLeft(): void {
    if (![...this.#left.values()].some((owed) => this.#responsibility.standsInFor(owed))) return;
    this.#readAgain(Number.NEGATIVE_INFINITY, this.#ports.nowMs());
  }

  async #lookAtUnready(): Promise<void> {
    for (const unready of this.#unready.values()) {
      if (await this.#responsibility.isReady(unready)) this.#readAgain(unready.eventMs, this.#ports.nowMs());
    }
  }

  #noteUnready(open: OpenDelivery): void {
    const { tenantId, endpointId, planner, registryRevision, eventMs } = open;
    const key = `${tenantId} ${endpointId} ${planner}`;
    const before = this.#unready.get(key);
    this.#unready.set(key, {
      tenantId,
      endpointId,
      planner,
      registryRevision: Math.min(registryRevision, before?.registryRevision ?? registryRevision),
      eventMs: Math.min(eventMs, before?.eventMs ?? eventMs),
    });
    this.#tell({ unready: this.#unready.size });
  }

  /** What is read again now is found again if it is still there. */
  #forgetSince(sinceMs: number): void {
    if (sinceMs === Number.NEGATIVE_INFINITY) this.#left.clear();
    for (const [key, { eventMs }] of this.#unready) if (eventMs >= sinceMs) this.#unready.delete(key);
    this.#tell({ unready: this.#unready.size });
  }

  #touch(deliveryIds: readonly DeliveryId[]): void {
    for (const touched of this.#touched) for (const deliveryId of deliveryIds) touched.add(deliveryId);
  }

  #readAgain(sinceMs: number | undefined, fromMs: number): void {
    if (sinceMs === undefined) return;
    const due = this.#due;
    this.#due = due === undefined ? { sinceMs, fromMs } : { sinceMs: Math.min(due.sinceMs, sinceMs), fromMs: Math.min(due.fromMs, fromMs) };
  }

  #tell(progress: Partial<TakeOverProgress>): void {
    this.#progress = { ...this.#progress, waitingFor: undefined, ...progress };
  }
}

const oldestOf = (open: readonly OpenDelivery[]): number | undefined =>
  open.length === 0 ? undefined : Math.min(...open.map(({ eventMs }) => eventMs));
