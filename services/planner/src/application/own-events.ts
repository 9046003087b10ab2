import type { RegionRecord, Scope } from '@waybill/contracts';
import { mustHaveClosed, ownTurn } from '../domain/own-turn.ts';

/** The own region's consumer, as long as it is read. */
export interface Reading {
  readonly failure: string | undefined;
  detach(): Promise<void>;
}

export interface OwnEventsPorts {
  readonly region: string;
  readonly others: readonly string[];
  /** Whether the regions' records were read, or have been waited for long enough. */
  readonly isInformed: () => boolean;
  readonly record: (region: string) => RegionRecord | undefined;
  /** The regions whose planners said that they have stopped to plan for this one, in this epoch. */
  readonly closedBy: (epoch: number) => Promise<ReadonlySet<string>>;
  /** Reads what was planned before: here, and by others in this region's place. */
  readonly loadPlanned: () => Promise<void>;
  readonly attach: () => Promise<Reading>;
  /** Plans the strict tenants' events that nobody else could plan; the first one after a load. */
  readonly planLocal: () => Promise<void>;
  readonly onTurn: (waitsFor: string | undefined) => void;
}

const UNINFORMED = 'the first reading of the control bucket';

/**
 * When a region plans its own events. While it is failed, others do: its consumer is not read, except that strict tenants' events, which nobody else
 * has, are planned on. When it recovers it waits until the others have stopped, learns what they planned, and reads on.
 */
export class OwnEvents {
  readonly #ports: OwnEventsPorts;
  #reading: Reading | undefined;
  #isOpen = false;
  #isHolding = false;
  /** The epoch of the recovery in which everything others planned is known. */
  #caughtUp: number | undefined;
  #waitsFor: string | undefined = UNINFORMED;

  constructor(ports: OwnEventsPorts) {
    this.#ports = ports;
  }

  /** What must happen before this region plans its own events; undefined while it does. */
  get waitsFor(): string | undefined {
    return this.#waitsFor;
  }

  /** Why its events are not read though it is its turn. */
  get failure(): string | undefined {
    return this.#reading?.failure;
  }

  mayPlan(scope: Scope): boolean {
    if (scope === 'l') return true;
    return this.#isOpen && ownTurn(this.#ownRecord(), this.#caughtUp) === 'plan';
  }

  /** Does what is due now; to be called again and again, never twice at once. */
  async step(): Promise<void> {
    const waitsFor = await this.#findObstacle();
    if (waitsFor !== this.#waitsFor) this.#ports.onTurn(waitsFor);
    this.#waitsFor = waitsFor;
    if (waitsFor === undefined) await this.#read();
    else await this.#hold();
  }

  async stop(): Promise<void> {
    await this.#reading?.detach();
    this.#reading = undefined;
  }

  async #read(): Promise<void> {
    if (this.#reading !== undefined) return;
    await this.#ports.loadPlanned();
    // The first events may come in before the call returns.
    this.#isOpen = true;
    this.#reading = await this.#ports.attach();
    this.#isHolding = false;
  }

  async #hold(): Promise<void> {
    this.#isOpen = false;
    if (!this.#isHolding) {
      await this.stop();
      await this.#ports.loadPlanned();
      this.#isHolding = true;
    }
    await this.#ports.planLocal();
  }

  async #findObstacle(): Promise<string | undefined> {
    if (!this.#ports.isInformed()) return UNINFORMED;
    const record = this.#ownRecord();
    const turn = ownTurn(record, this.#caughtUp);
    if (record === undefined || turn === 'plan') return undefined;
    if (turn === 'hold') return 'the recovery of this region: others plan its events meanwhile';
    const closed = await this.#ports.closedBy(record.epoch);
    const missing = mustHaveClosed(this.#ports.others, this.#ports.record).filter((region) => !closed.has(region));
    if (missing.length > 0) return `the planners of ${missing.join(', ')}, to stop planning for this region`;
    this.#caughtUp = record.epoch;
    return undefined;
  }

  #ownRecord(): RegionRecord | undefined {
    return this.#ports.record(this.#ports.region);
  }
}
