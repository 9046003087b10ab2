import type { ControlView, RegionLease } from '@waybill/regions';
import type { RegionPermission } from '../application/permission.ts';
import { isOpenIn } from '../domain/region-open.ts';

export interface ControlledPermissionOptions {
  readonly region: string;
  readonly view: Pick<ControlView, 'loaded' | 'record' | 'onChange'>;
  readonly lease: Pick<RegionLease, 'phase' | 'onOver'>;
  /** Others take over unasked, so without a lease this region must stop. */
  readonly mustHoldLease: boolean;
  /** Monotonic ms. */
  readonly monotonicMs: () => number;
}

/** A region that was given up may start before its link is up: so long it waits to hear of it, and then goes on as an isolated one. */
const UNKNOWN_MS = 15_000;

/** The permission of a region with peers: its state must allow it, and its lease when others may take over unasked. */
export class ControlledPermission implements RegionPermission {
  readonly #options: ControlledPermissionOptions;
  readonly #sinceMs: number;
  readonly #listeners = new Set<() => void>();
  readonly #stops: (() => void)[] = [];

  constructor(options: ControlledPermissionOptions) {
    const { region, view, lease, mustHoldLease } = options;
    this.#options = options;
    this.#sinceMs = options.monotonicMs();
    this.#stops.push(
      view.onChange((record) => {
        if (record.region === region && !isOpenIn(record)) this.#cut();
      }),
    );
    if (mustHoldLease) this.#stops.push(lease.onOver(() => this.#cut()));
  }

  get open(): boolean {
    const { lease, mustHoldLease } = this.#options;
    return this.#stateAllows() && (!mustHoldLease || lease.phase === 'held');
  }

  onCut(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  close(): void {
    for (const stop of this.#stops) stop();
  }

  #stateAllows(): boolean {
    const { region, view, monotonicMs } = this.#options;
    const record = view.record(region);
    if (record === undefined && !view.loaded) return monotonicMs() - this.#sinceMs >= UNKNOWN_MS;
    return isOpenIn(record);
  }

  #cut(): void {
    for (const listener of this.#listeners) listener();
  }
}
