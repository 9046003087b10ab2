import type { DeliveryId } from '@waybill/contracts';
import { OpenDeliveries, type OpenDelivery } from '../../domain/takeover/open-deliveries.ts';
import { nextStretchMs, type Stretch } from '../../domain/takeover/reading-back.ts';
import type { Evidence, History, Mark } from './takeover-ports.ts';

/** A stretch of history that was read. */
export interface ReadStretch {
  /** What has turned out to be owed. */
  readonly settled: readonly OpenDelivery[];
  /** Everything since then was read, ms since 1970. */
  readonly fromMs: number;
  /** When the oldest event was accepted of which something may be owed that is not certain yet. */
  readonly oldestUncertainMs: number | undefined;
}

export interface Reading {
  /** The region that owes. */
  readonly of: string;
  readonly history: Pick<History, 'present' | 'readBack'>;
  readonly nowMs: () => number;
  /** Where reading back begins; absent: at the present end. */
  readonly end?: Mark | undefined;
  /** Absent: all deliveries. */
  readonly isWanted?: (deliveryId: DeliveryId) => boolean;
}

/** Reads the history of all deliveries back in time, newest first, and yields what `of` owes as soon as it is certain. Ends at the beginning. */
export async function* readBackOver({ of, history, nowMs, end, isWanted = () => true }: Reading): AsyncGenerator<ReadStretch> {
  const open = new OpenDeliveries(of);
  let untilMs = nowMs();
  const present = await history.present();
  let before = end ?? present.end;
  let stretch: Stretch | undefined;
  let isBeginning = false;
  while (!isBeginning) {
    const lengthMs = nextStretchMs(stretch);
    untilMs -= lengthMs;
    const read = await history.readBack(untilMs, before, (fact) => note(open, fact, isWanted));
    before = read.before;
    stretch = { lengthMs, messages: read.messages };
    isBeginning = untilMs <= present.beginsMs;
    yield {
      settled: open.settle(isBeginning ? Number.NEGATIVE_INFINITY : untilMs),
      fromMs: isBeginning ? Number.NEGATIVE_INFINITY : untilMs,
      oldestUncertainMs: open.oldestUncertainMs,
    };
  }
}

function note(open: OpenDeliveries, fact: Evidence, isWanted: (deliveryId: DeliveryId) => boolean): void {
  if (fact.kind === 'attempt') {
    if (isWanted(fact.deliveryId)) open.attempted(fact.deliveryId, fact.known);
  } else if (fact.kind === 'claim') {
    const { by, at, deliveryIds } = fact.claim;
    for (const deliveryId of deliveryIds) if (isWanted(deliveryId)) open.held(deliveryId, { by, atMs: Date.parse(at) });
  } else {
    for (const planned of fact.deliveries) {
      if (!isWanted(planned.deliveryId)) continue;
      open.planned(planned);
      // The plan of a region that did not accept the event was made in place of the one that did.
      if (fact.by !== fact.acceptedIn) open.held(planned.deliveryId, { by: planned.deliverIn, atMs: planned.madeMs });
    }
  }
}
