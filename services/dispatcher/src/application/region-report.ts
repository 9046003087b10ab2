import type { RegionBeat, RegionReport, RegionSpilled } from '@waybill/contracts';
import { judgeSpill, type Load, NOT_SPILLING, type Spilling } from '../domain/spillover.ts';

export interface RegionReportPorts {
  readonly region: string;
  readonly peers: readonly string[];
  readonly thresholds: Load;
  /** Attempts that may be in flight. */
  readonly concurrency: number;
  readonly inFlight: () => number;
  /** Failed attempts of the last minute as a share of all. */
  readonly errorRate: () => number;
  /** Attempts that the region's own rate keeps waiting: parked, so that their plans are settled. */
  readonly waitingForTurn: () => number;
  /** Plans handed out or not that are not settled. */
  readonly unsettledPlans: () => Promise<number>;
  /** When the newest beat of this region that arrived here was written, ms since 1970; undefined when none did. */
  readonly newestBeatMs: (peer: string) => Promise<number | undefined>;
  /** Whether the newest `region.spilled` of this region says that it spills. */
  readonly wasSpilling: () => Promise<boolean>;
  readonly appendBeat: (fact: RegionBeat) => Promise<void>;
  readonly appendSpilled: (fact: RegionSpilled) => Promise<void>;
  readonly putReport: (report: RegionReport) => Promise<void>;
  readonly nowMs: () => number;
}

/** `beatMs`: by the clock of who wrote it; undefined: none arrived yet. `sinceMs`: when it was first seen here. */
interface NewestBeat {
  readonly beatMs: number | undefined;
  readonly sinceMs: number;
}

/** Tells the other regions, every two seconds, that this one is alive and how it does. Nothing here is repeated: the next time is soon. */
export class RegionReporter {
  readonly #ports: RegionReportPorts;
  readonly #newest: Map<string, NewestBeat>;
  #spilling: Spilling | undefined;

  constructor(ports: RegionReportPorts) {
    this.#ports = ports;
    // One that never arrives is as old as this.
    const nowMs = ports.nowMs();
    this.#newest = new Map(ports.peers.map((peer) => [peer, { beatMs: undefined, sinceMs: nowMs }]));
  }

  /**
   * Age of the newest beat of each other region that arrived here, in ms: it grows while none arrives, and while nobody can look. By the clocks of both regions, but
   * never less than the time since it was first seen: a clock that is ahead hides nothing.
   */
  get lagMs(): ReadonlyMap<string, number> {
    const nowMs = this.#ports.nowMs();
    return new Map(
      [...this.#newest].map(([peer, { beatMs, sinceMs }]) => [peer, Math.max(0, nowMs - Math.min(sinceMs, beatMs ?? sinceMs))]),
    );
  }

  /** Appends the beat, and stores the report; neither waits for the other. Rejects with what failed. */
  async tell(): Promise<void> {
    const told = await Promise.allSettled([this.#beat(), this.#report()]);
    const failures = told.flatMap((one): unknown[] => (one.status === 'rejected' ? [one.reason] : []));
    if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('; '));
  }

  #beat(): Promise<void> {
    const { appendBeat, region } = this.#ports;
    return appendBeat({ v: 1, region, at: this.#now() });
  }

  async #report(): Promise<void> {
    const { region, concurrency, inFlight: countInFlight, errorRate, unsettledPlans, waitingForTurn, putReport } = this.#ports;
    const [unsettled, lagMs] = await Promise.all([unsettledPlans(), this.#lags()]);
    const inFlight = countInFlight();
    const load: Load = {
      queueDepth: Math.max(0, unsettled - inFlight) + waitingForTurn(),
      concurrencyPercent: (inFlight / concurrency) * 100,
      errorRate: errorRate(),
    };
    const spilling = await this.#judge(load);
    await putReport({ v: 1, region, at: this.#now(), ...load, inFlight, spilling, lagMs });
  }

  /** A change counts only when its fact was stored; what a process before this one decided goes on. */
  async #judge(load: Load): Promise<boolean> {
    const { region, thresholds, wasSpilling, appendSpilled } = this.#ports;
    this.#spilling ??= { ...NOT_SPILLING, spilling: await wasSpilling() };
    const { next, because } = judgeSpill(this.#spilling, load, thresholds);
    if (because !== undefined) await appendSpilled({ v: 1, region, spilling: next.spilling, because, ...load, at: this.#now() });
    this.#spilling = next;
    return next.spilling;
  }

  async #lags(): Promise<Record<string, number>> {
    const { peers, newestBeatMs, nowMs } = this.#ports;
    const beats = await Promise.all(peers.map(async (peer) => ({ peer, beatMs: await newestBeatMs(peer) })));
    for (const { peer, beatMs } of beats)
      if (beatMs !== undefined && beatMs !== this.#newest.get(peer)?.beatMs) this.#newest.set(peer, { beatMs, sinceMs: nowMs() });
    // The clocks of two regions differ: an age is never negative.
    return Object.fromEntries(beats.flatMap(({ peer, beatMs }) => (beatMs === undefined ? [] : [[peer, Math.max(0, nowMs() - beatMs)]])));
  }

  #now(): string {
    return new Date(this.#ports.nowMs()).toISOString();
  }
}
