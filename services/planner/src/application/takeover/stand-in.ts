import type { RegionRecord } from '@waybill/contracts';

/** The facts by which regions tell each other that a takeover is over. */
export interface TakeoverClosings {
  /** Whether this region has said so already, of that region and epoch. */
  isClosed(of: string, epoch: number): Promise<boolean>;
  /** Appends `takeover.closed`; said twice within a minute it is stored once. */
  close(of: string, epoch: number): Promise<void>;
}

/** What a stand-in does in a failed region's place. */
export interface TakenOver {
  pass(): Promise<number>;
  /** Resolves when nothing of the last pass goes on any more. */
  settled(): Promise<void>;
}

export interface StandInPorts {
  /** The region that may fail. */
  readonly of: string;
  readonly record: () => RegionRecord | undefined;
  readonly openTakeover: () => TakenOver;
  readonly closings: TakeoverClosings;
  readonly onPlanned: (planned: number, epoch: number) => void;
}

/**
 * What this region does for one other: takes over its planning while it is failed, and says that it has stopped once the other recovers. A step that was
 * interrupted anywhere is simply made again.
 */
export class StandIn {
  readonly #ports: StandInPorts;
  #takeover: TakenOver | undefined;
  #closedEpoch: number | undefined;

  constructor(ports: StandInPorts) {
    this.#ports = ports;
  }

  /** Does what is due now; to be called again and again, never twice at once. */
  async step(): Promise<void> {
    const record = this.#ports.record();
    if (record === undefined) return;
    if (record.state === 'failed') {
      this.#takeover ??= this.#ports.openTakeover();
      const planned = await this.#takeover.pass();
      if (planned > 0) this.#ports.onPlanned(planned, record.epoch);
    } else if (record.state === 'recovering' || this.#takeover !== undefined) {
      await this.#takeover?.settled();
      await this.#close(record.epoch);
      this.#takeover = undefined;
    }
  }

  /** The region waits for this, also when there was nothing to take over. */
  async #close(epoch: number): Promise<void> {
    const { of, closings } = this.#ports;
    if (this.#closedEpoch === epoch) return;
    if (!(await closings.isClosed(of, epoch))) await closings.close(of, epoch);
    this.#closedEpoch = epoch;
  }
}
