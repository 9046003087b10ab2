import { randomUUID } from 'node:crypto';
import type { AppendFact } from './application/append-fact.ts';
import { recordIntake } from './application/record-intake.ts';
import { IntakeCounts } from './domain/intake-counts.ts';
import type { IngressParts } from './ingress.ts';

const RECORD_EVERY_MS = 10_000;

/** Counts how this ingress answers, and appends it every ten seconds in which there was anything; what is not told at the stop is forgotten. */
export function openIntake({ deployment, lifecycle, logger, nowMs }: IngressParts, append: AppendFact): IntakeCounts {
  const counts = new IntakeCounts();
  const record = recordIntake({ region: deployment.region, counts, append, newMark: randomUUID, nowMs });
  const timer = setInterval(() => {
    void record().then((isTold) => {
      if (!isTold) logger.debug({ event: 'intake.untold' }, 'how senders were answered is told later');
    });
  }, RECORD_EVERY_MS).unref();
  lifecycle.own('intake', timer, clearInterval);
  return counts;
}
