import type { RegionChanged, RegionRecord } from '@waybill/contracts';
import type { Logger } from '@waybill/runtime';
import { isOpenIn } from '../../domain/region-open.ts';
import { comingBack, letGo, withMore } from '../../domain/takeover/region-changes.ts';
import { type Backlog, Drain } from './drain.ts';
import { changedFact, type Control, isOwnWord, type TakeoverFacts } from './takeover-ports.ts';
import type { WhatOthersDid } from './what-others-did.ts';

export interface OwnRegionPorts {
  readonly region: string;
  readonly peers: readonly string[];
  readonly control: Control;
  readonly facts: Pick<TakeoverFacts, 'closed' | 'changes' | 'appendChanged'>;
  readonly whatOthersDid: Pick<WhatOthersDid, 'recall' | 'catchUp'>;
  readonly backlog: () => Promise<Backlog>;
  readonly isTaking: () => boolean;
  /** Whether the region's worker does well enough to be given more. */
  readonly isHealthy: () => boolean;
  /** Time from one share to the next. */
  readonly stepMs: number;
  readonly drainTimeoutMs: number;
  readonly logger: Pick<Logger, 'info'>;
  readonly nowMs: () => number;
}

/** Somebody else changed the record first; what it says now decides what is next. */
class Superseded extends Error {
  override readonly name = 'Superseded';
}

/**
 * A region that is activated by force does not wait for the others' word for ever: those that are alive give it within moments, and the operator
 * said that it is not to wait.
 */
const FORCED_WAIT_MS = 5_000;

/**
 * Leads the own region through its states: it delivers only when it knows what others did in its place, comes back in steps, and lets go in order.
 * Whatever it does is in the record or in the LOG, so a process that is started again goes on from there.
 */
export class OwnRegion {
  readonly #ports: OwnRegionPorts;
  readonly #cuts = new Set<() => void>();
  #seen: RegionRecord | undefined;
  #caughtUp = false;
  /** This process has never seen the region closed, so what it recalled at its start is all there is, unless its record says otherwise. */
  #isFresh = true;
  /** The epoch that this process itself made. */
  #ownEpoch: number | undefined;
  #hasLetGo = false;
  #drain: Drain | undefined;
  #waitingFor: string | undefined = 'what others did';
  #waitingSinceMs: number | undefined;
  readonly #forget: () => void;

  constructor(ports: OwnRegionPorts) {
    this.#ports = ports;
    this.#forget = ports.control.onChange((record) => {
      if (record.region === ports.region) this.#note(record);
    });
  }

  /** Whether it knows all that it must know to deliver, and has not let go. */
  get isOpen(): boolean {
    return this.#caughtUp && !this.#hasLetGo;
  }

  /** What it waits for, for people. */
  get waitingFor(): string | undefined {
    return this.#drain?.waitingFor ?? this.#waitingFor;
  }

  onCut(listener: () => void): () => void {
    this.#cuts.add(listener);
    return () => void this.#cuts.delete(listener);
  }

  close(): void {
    this.#forget();
  }

  /** Reads what others did, at a start. Rejects only when the process stops. */
  async recall(): Promise<void> {
    await this.#ports.whatOthersDid.recall();
    this.#waitingFor = 'the states of the regions';
  }

  /** Does what is due now; to be called again and again, never twice at once. Rejects when the control bucket is away, or the process stops. */
  async step(): Promise<void> {
    const { control, region } = this.#ports;
    const record = control.record(region);
    if (record === undefined) {
      // Without a record nobody can have taken anything over, as far as can be known.
      this.#caughtUp = this.#isFresh;
      return;
    }
    switch (record.state) {
      case 'failed':
        this.#waitingFor = record.how === 'automatic' ? 'the control bucket' : '"activate"';
        if (record.how === 'automatic') await this.#change(record, (current) => comingBack(current, this.#by('it is back')));
        return;
      case 'drained':
        this.#waitingFor = '"activate"';
        return;
      case 'recovering':
        return this.#recover(record);
      case 'draining':
        return this.#letGo(record);
      case 'active':
        return this.#catchUp(record);
    }
  }

  /** Follows the record at once: between two readings of it, others may have begun and ended to act in this region's place. */
  #note(record: RegionRecord): void {
    const before = this.#seen;
    this.#seen = record;
    if (record.epoch !== before?.epoch) {
      this.#hasLetGo = false;
      this.#drain = undefined;
      this.#waitingSinceMs = undefined;
    }
    if (!isOpenIn(record)) this.#loseTrack();
    else if (before === undefined ? record.epoch > 1 : !this.#follows(before, record)) this.#loseTrack(before !== undefined);
  }

  /** Whether nobody can have acted in this region's place from one record to the other. */
  #follows(before: RegionRecord, { epoch, state }: RegionRecord): boolean {
    return epoch === before.epoch || epoch === this.#ownEpoch || (state === 'draining' && epoch === before.epoch + 1);
  }

  #loseTrack(isFreshNoMore = true): void {
    this.#caughtUp = false;
    if (isFreshNoMore) this.#isFresh = false;
    this.#cut();
  }

  async #recover(record: RegionRecord): Promise<void> {
    await this.#catchUp(record);
    const { isHealthy, nowMs, stepMs } = this.#ports;
    const isTime = record.share === 0 || (nowMs() - Date.parse(record.since) >= stepMs && isHealthy());
    if (!this.#caughtUp || !isTime) return;
    const why = record.share === 0 ? 'it knows what was done in its place' : `it does well with ${record.share} %`;
    await this.#change(record, (current) => withMore(current, this.#by(why)));
  }

  async #catchUp(record: RegionRecord): Promise<void> {
    if (this.#caughtUp) return;
    const { region, control, facts, whatOthersDid } = this.#ports;
    if (!this.#isFresh || !(await this.#hasWord(record))) {
      if (!(await this.#haveOthersStopped(record))) return;
      this.#waitingFor = 'what others did';
      await whatOthersDid.catchUp(record.epoch);
      if (record.share > 0) await facts.appendChanged({ ...changedFact(record), ...this.#by('it knows what was done in its place') });
    }
    if (control.record(region)?.epoch !== record.epoch) return;
    this.#caughtUp = true;
    this.#waitingFor = undefined;
  }

  /** Whether this region, in a process before this one, has said that it delivers in this epoch: then it had caught up. */
  async #hasWord({ epoch, state }: RegionRecord): Promise<boolean> {
    const delivered = state === 'draining' ? epoch - 1 : epoch;
    if (delivered <= 1) return true;
    const { region, facts } = this.#ports;
    const changes = await facts.changes();
    return changes.some((told) => isOwnWord(told) && told.by === region && told.change.epoch === delivered);
  }

  async #haveOthersStopped(record: RegionRecord): Promise<boolean> {
    const { nowMs } = this.#ports;
    const missing = await this.#notStopped(record);
    if (missing.length === 0) return true;
    this.#waitingFor = `the word of ${missing.join(', ')} to have stopped standing in`;
    this.#waitingSinceMs ??= nowMs();
    const isForced = record.state !== 'recovering' || record.share > 0;
    return isForced && nowMs() - this.#waitingSinceMs >= FORCED_WAIT_MS;
  }

  /** Whoever never began needs no word, nor who was given up; a region that was drained took nothing any more when it said so. */
  async #notStopped({ epoch }: RegionRecord): Promise<string[]> {
    const { region, peers, control, facts } = this.#ports;
    if (!control.loaded) return [...peers];
    const [closed, changes] = [await facts.closed(), await facts.changes()];
    return peers.filter((peer) => {
      const record = control.record(peer);
      if (record === undefined || record.state === 'failed') return false;
      if (closed.some((fact) => fact.by === peer && fact.of === region && fact.epoch >= epoch)) return false;
      const isDrained = changes.some(({ by, change }) => by === peer && change.region === peer && change.epoch === record.epoch);
      return record.state !== 'drained' || !isDrained;
    });
  }

  async #letGo(record: RegionRecord): Promise<void> {
    const { region, facts } = this.#ports;
    const by = this.#by('its work was handed over');
    const changes = await facts.changes();
    const hasTold = changes.some(({ by: told, change }) => told === region && change.region === region && isLastWord(change, record));
    if (!hasTold) {
      await this.#catchUp(record);
      if (!this.#caughtUp || !(await this.#drainOf().step())) return;
      // The last fact of all; whoever stands in begins when it has arrived.
      await facts.appendChanged(changedFact(letGo(record, by)));
    }
    this.#hasLetGo = true;
    await this.#change(record, (current) => letGo(current, by));
  }

  #drainOf(): Drain {
    const { backlog, isTaking, nowMs, drainTimeoutMs: timeoutMs } = this.#ports;
    const close = (): void => {
      this.#hasLetGo = true;
    };
    this.#drain ??= new Drain({ backlog, isTaking, close, cut: () => this.#cut(), nowMs, timeoutMs });
    return this.#drain;
  }

  #cut(): void {
    for (const cut of this.#cuts) cut();
  }

  #by(why: string): { who: string; why: string; at: string } {
    return { who: this.#ports.region, why, at: new Date(this.#ports.nowMs()).toISOString() };
  }

  async #change(record: RegionRecord, next: (current: RegionRecord) => RegionRecord): Promise<void> {
    const { control, region, logger } = this.#ports;
    try {
      const { state, share, epoch } = await control.change(region, (current) => {
        if (current?.epoch !== record.epoch || current.state !== record.state || current.share !== record.share) throw new Superseded();
        const changed = next(current);
        this.#ownEpoch = changed.epoch;
        return changed;
      });
      logger.info({ event: 'region.changed', state, share, epoch }, 'this region changed its state');
    } catch (error) {
      if (!(error instanceof Superseded)) throw error;
    }
  }
}

const isLastWord = ({ state, epoch }: RegionChanged, record: RegionRecord): boolean => state === 'drained' && epoch === record.epoch + 1;
