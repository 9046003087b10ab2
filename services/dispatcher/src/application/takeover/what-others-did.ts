import type { DeliveryId } from '@waybill/contracts';
import { type Hold, newerHold } from '../../domain/takeover/hold.ts';
import { CLOCK_MARGIN_MS } from '../../domain/takeover/open-deliveries.ts';
import {
  type EndsRange,
  type Evidence,
  type History,
  isOwnWord,
  type Schedules,
  type TakeoverFacts,
  type ToldChange,
} from './takeover-ports.ts';
import type { TakenElsewhere } from './taken-elsewhere.ts';
import { yieldEnded } from './yield-ended.ts';

export interface WhatOthersDidPorts {
  readonly region: string;
  readonly peers: readonly string[];
  readonly history: Pick<History, 'readPlans' | 'readEnds' | 'oldestUnsettledMs'>;
  readonly facts: Pick<TakeoverFacts, 'claims' | 'closed' | 'changes'>;
  readonly schedules: Pick<Schedules, 'has' | 'pending' | 'fireNow'>;
  readonly elsewhere: TakenElsewhere;
  readonly nowMs: () => number;
}

/** How far back retries can be pending. */
export const HORIZON_MS = 72 * 3_600_000;

/**
 * Finds out what other regions do in this one's place, before it delivers anything. All there are, claims are read whole: they are few and each holds
 * hundreds of deliveries.
 */
export class WhatOthersDid {
  readonly #ports: WhatOthersDidPorts;

  constructor(ports: WhatOthersDidPorts) {
    this.#ports = ports;
  }

  /** At a start: as far back as there is unsettled work. */
  async recall(): Promise<void> {
    const { peers, history, facts } = this.#ports;
    const unsettledMs = await history.oldestUnsettledMs();
    await this.#holdAs(unsettledMs);
    const changes = await facts.changes();
    for (const of of peers) await this.#yieldLate(of, changes);
  }

  /**
   * What region `of` had ended and could not tell before it was given up arrives late; this region may have retries for it. All of it is there when its
   * own word arrives that it delivers again.
   */
  async yieldLate(of: string): Promise<void> {
    await this.#yieldLate(of, await this.#ports.facts.changes());
  }

  /**
   * When the region comes back in `epoch`, and the others said that they have stopped: as far back as it was given up. What they hold is taken out of the
   * retries too, so that later starts need not look for it.
   */
  async catchUp(epoch: number): Promise<void> {
    const { history, facts, elsewhere, schedules } = this.#ports;
    const givenUpMs = this.#givenUpMs(await facts.changes(), epoch);
    const unsettledMs = (await history.oldestUnsettledMs()) ?? Number.POSITIVE_INFINITY;
    await this.#holdAs(Math.min(givenUpMs, unsettledMs));
    await this.#yieldUnclosed(givenUpMs);
    const held = [...(await schedules.pending())].filter((deliveryId) => elsewhere.has(deliveryId));
    for (const deliveryId of held) await schedules.fireNow(deliveryId);
  }

  #holdAs(plansFromMs: number | undefined): Promise<void> {
    const { region, history, facts, elsewhere } = this.#ports;
    return elsewhere.holdAs(async () => {
      const holds = new Map<DeliveryId, Hold>();
      const note = (deliveryId: DeliveryId, hold: Hold): void => void holds.set(deliveryId, newerHold(holds.get(deliveryId), hold));
      for (const { by, at, deliveryIds } of await facts.claims()) {
        for (const deliveryId of deliveryIds) note(deliveryId, { by, atMs: Date.parse(at) });
      }
      if (plansFromMs !== undefined) await history.readPlans(plansFromMs - CLOCK_MARGIN_MS, (fact) => noteStandInPlan(fact, note));
      return new Set([...holds].flatMap(([deliveryId, { by }]) => (by === region ? [] : [deliveryId])));
    });
  }

  async #yieldLate(of: string, changes: readonly ToldChange[]): Promise<void> {
    const about = changes.filter(({ change }) => change.region === of);
    const failed = about.filter(({ change }) => change.state === 'failed').toSorted((a, b) => b.change.epoch - a.change.epoch)[0];
    if (failed === undefined || Date.parse(failed.change.at) < this.#ports.nowMs() - HORIZON_MS) return;
    const backAt = about.find((told) => isOwnWord(told) && told.change.epoch > failed.change.epoch);
    await this.#yieldEnds({ of, fromMs: Date.parse(failed.change.at) - CLOCK_MARGIN_MS, before: backAt?.seq });
  }

  /**
   * A region that was given up in the middle of its own takeover: those it took from went on without its word, and may have ended what it still has
   * retries for. What it said after it was given up came too late.
   */
  async #yieldUnclosed(givenUpMs: number): Promise<void> {
    const { region, facts } = this.#ports;
    const closed = (await facts.closed()).filter(({ by, at }) => by === region && Date.parse(at) < givenUpMs - CLOCK_MARGIN_MS);
    const isClosed = (of: string, epoch: number): boolean => closed.some((fact) => fact.of === of && fact.epoch > epoch);
    const unclosed = (await facts.claims()).filter((claim) => claim.by === region && !isClosed(claim.of, claim.epoch));
    if (unclosed.length === 0) return;
    await this.#yieldEnds({ fromMs: Math.min(...unclosed.map(({ at }) => Date.parse(at))) - CLOCK_MARGIN_MS });
  }

  async #yieldEnds(range: EndsRange): Promise<void> {
    const { history, schedules } = this.#ports;
    const pending = await schedules.pending();
    if (pending.size === 0) return;
    const ended: DeliveryId[] = [];
    await history.readEnds(range, (fact) => {
      if (fact.kind === 'attempt' && fact.known.next.kind !== 'retry' && pending.has(fact.deliveryId)) ended.push(fact.deliveryId);
    });
    await yieldEnded(this.#ports, ended);
  }

  /** When others may have begun to act in this region's place, since it last delivered; the horizon when nobody recorded it. */
  #givenUpMs(changes: readonly ToldChange[], epoch: number): number {
    const { region } = this.#ports;
    const before = changes.filter(({ change }) => change.region === region && change.epoch < epoch);
    const own = before.toSorted((a, b) => a.change.epoch - b.change.epoch);
    const delivered = own.findLastIndex(({ change }) => change.share > 0);
    const first = own.slice(delivered + 1).find(({ change }) => change.state === 'failed' || change.state === 'drained');
    return first === undefined ? this.#ports.nowMs() - HORIZON_MS : Date.parse(first.change.at);
  }
}

/** A plan of an event that another region accepted was made in its place. Its own region's plan, should there be one, counts for less. */
function noteStandInPlan(fact: Evidence, note: (deliveryId: DeliveryId, hold: Hold) => void): void {
  if (fact.kind !== 'plan' || fact.by === fact.acceptedIn) return;
  for (const { deliveryId, deliverIn, madeMs } of fact.deliveries) note(deliveryId, { by: deliverIn, atMs: madeMs });
}
