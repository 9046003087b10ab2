import type { RegionRecord } from '@waybill/contracts';
import { changedFact, type Control, type TakeoverFacts } from './takeover-ports.ts';

export interface TellChangesPorts {
  readonly region: string;
  readonly regions: readonly string[];
  readonly control: Pick<Control, 'record'>;
  readonly facts: Pick<TakeoverFacts, 'changes' | 'appendChanged'>;
}

/** Appends `region.changed` for every change that this region made, also for those of a process that died before it could. */
export class TellChanges {
  readonly #ports: TellChangesPorts;
  readonly #told = new Map<string, string>();

  constructor(ports: TellChangesPorts) {
    this.#ports = ports;
  }

  /** To be called again and again. Rejects only when the process stops. */
  async step(): Promise<void> {
    const { region, regions, control, facts } = this.#ports;
    for (const one of regions) {
      const record = control.record(one);
      // The first record of a region is no change.
      if (record === undefined || record.who !== region || record.epoch === 1) continue;
      const key = keyOf(record);
      if (this.#told.get(one) === key) continue;
      const isTold = (await facts.changes()).some(({ by, change }) => by === region && change.region === one && keyOf(change) === key);
      if (!isTold) await facts.appendChanged(changedFact(record));
      this.#told.set(one, key);
    }
  }
}

const keyOf = ({ epoch, state, share }: Pick<RegionRecord, 'epoch' | 'state' | 'share'>): string => `${epoch} ${state} ${share}`;
