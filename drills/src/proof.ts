import { audit, type Audit, type AuditReport, type Found, type FindingKind, type Get } from '@waybill/audit';
import type { Pipeline } from '@waybill/bench';

/** Audits the LOGs of pipelines that are at rest, and the read models of those that `reads` names. Rejects when one cannot be asked. */
export function auditAll(pipelines: readonly Pipeline[], reads?: ReadonlyMap<string, Get>): Promise<Audit> {
  const regions = pipelines.map(({ bus, region: id }) => ({ id, bus }));
  return audit({ regions, settled: true, reads, nowMs: Date.now });
}

/** How often something was found. */
export const countOf = (found: Partial<Record<FindingKind, Found>>, kind: FindingKind): number => found[kind]?.count ?? 0;

/** Figures of all regions together. */
export function totalsOf({
  regions,
}: AuditReport): Record<'events' | 'deliveries' | 'attempts' | 'delivered' | 'dead_lettered' | 'denied', number> {
  const totals = { events: 0, deliveries: 0, attempts: 0, delivered: 0, dead_lettered: 0, denied: 0 };
  for (const region of Object.values(regions)) {
    totals.events += region.accepted;
    totals.deliveries += region.planned;
    totals.attempts += region.attempts;
    for (const end of ['delivered', 'dead_lettered', 'denied'] as const) totals[end] += region[end];
  }
  return totals;
}

const SHOWN = 20;

/** One line per offender, the first 20, and how many there are. */
export function finding(what: string, offenders: readonly string[], count = offenders.length): string[] {
  const lines = offenders.slice(0, SHOWN).map((offender) => `${what}: ${offender}`);
  return count > SHOWN ? [...lines, `${what}: ${count} in all`] : lines;
}

/** What an audit found that must not be, but for some kinds. */
export const auditFindings = ({ violations }: AuditReport, except: readonly FindingKind[] = []): string[] =>
  Object.entries(violations).flatMap(([kind, { ids, count }]) => (except.some((one) => one === kind) ? [] : finding(kind, ids, count)));
