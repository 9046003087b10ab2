import { scanStream } from '@waybill/transport';
import { readAuditFact } from '../facts/read-audit-fact.ts';
import type { Source } from '../walk/walk-logs.ts';
import type { HeldBy, StreamRetention } from './plan-retention.ts';

/**
 * Where retention plans end is looked up by time, and clocks may jump: finds the first fact among those that may go which belongs to an event that is still needed.
 * Throws when the stream cannot be read.
 */
export async function misplacedIn(
  { bus, ...source }: Source,
  { keepFromSeq, removable }: Pick<StreamRetention, 'keepFromSeq' | 'removable'>,
  needed: ReadonlySet<string>,
): Promise<HeldBy[]> {
  if (removable === 0 || needed.size === 0) return [];
  const held: HeldBy[] = [];
  await scanStream(bus, { ...source, toSeq: keepFromSeq - 1 }, (message) => {
    const fact = held.length > 0 ? undefined : readAuditFact(message);
    if (fact === undefined || !('eventId' in fact) || !needed.has(fact.eventId)) return;
    held.push({ what: `event ${fact.eventId} is still needed, and its facts are older than its id`, fromSeq: message.seq });
  });
  return held;
}
