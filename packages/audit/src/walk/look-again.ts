import { subjects, WaybillError } from '@waybill/contracts';
import { scanStream } from '@waybill/transport';
import { readAuditFact } from '../facts/read-audit-fact.ts';
import type { Findings } from '../ledger/findings.ts';
import { type AuditedRegion, endsOf } from './stretch.ts';
import type { WalkedLog } from './walk-logs.ts';

/** Finds what a LOG has lost between others. Throws WB_AUDIT_FAILED when it lost what was to be read while it was read, or was made anew. */
export async function findHoles({ bus }: AuditedRegion, { stream, fromSeq, toSeq, created }: WalkedLog, findings: Findings): Promise<void> {
  const now = await endsOf(bus, stream);
  if (now.created !== created || (toSeq >= fromSeq && now.firstSeq > fromSeq))
    throw new WaybillError(
      'WB_AUDIT_FAILED',
      `${stream} was made anew, or old facts were removed from it, while it was read: run the audit again`,
    );
  if (now.messages === 0 || now.lastSeq - now.firstSeq + 1 === now.messages) return;
  const { state } = await bus.jsm.streams.info(stream, { deleted_details: true });
  for (const seq of state.deleted ?? []) if (seq >= fromSeq && seq <= toSeq) findings.add('log_hole', `${stream}:${seq}`);
}

/** The events and deliveries that facts speak of which were stored after the walk had been there. */
export async function spokenOfSince(regions: readonly AuditedRegion[], logs: readonly WalkedLog[]): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  for (const { region: id, stream, toSeq } of logs) {
    const region = regions.find((one) => one.id === id);
    if (region === undefined) continue;
    await scanStream(region.bus, { stream, subjects: subjects.logFilter(id), fromSeq: toSeq + 1 }, (message) => {
      const fact = readAuditFact(message);
      if (fact === undefined) return;
      if ('eventId' in fact) ids.add(fact.eventId);
      if (fact.kind === 'tried') ids.add(fact.deliveryId);
      if (fact.kind === 'decided') for (const deliveryId of fact.denied) ids.add(deliveryId);
      if (fact.kind === 'claimed') for (const deliveryId of fact.deliveryIds) ids.add(deliveryId);
      if (fact.kind === 'planned') for (const { deliveryId } of fact.deliveries) ids.add(deliveryId);
    });
  }
  return ids;
}
