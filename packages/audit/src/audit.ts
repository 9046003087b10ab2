import { streamNames, WaybillError } from '@waybill/contracts';
import type { AuditFact } from './facts/audit-fact.ts';
import { judgeOpen } from './judge-open.ts';
import { type Found, type FindingKind, Findings, NOTICES, OPEN, VIOLATIONS } from './ledger/findings.ts';
import { Ledger, type RegionFigures } from './ledger/ledger.ts';
import { compareReads, type Reads, type ReadsFigures } from './reads/compare-reads.ts';
import type { Get } from './reads/pages.ts';
import { compareCopies, type CopyFigures } from './walk/copies.ts';
import { findHoles, spokenOfSince } from './walk/look-again.ts';
import { type AuditedRegion, endsOf } from './walk/stretch.ts';
import { waitingIn } from './walk/waiting.ts';
import { type WalkedLog, walkLogs } from './walk/walk-logs.ts';

export interface AuditOptions {
  /** All regions of the deployment: what one planned, another may have delivered. */
  readonly regions: readonly AuditedRegion[];
  /** Events that were accepted from then on, ms since 1970. Default: all that the LOGs have. */
  readonly fromMs?: number | undefined;
  /** And before then. Default: all. */
  readonly toMs?: number | undefined;
  /** Everything must have come to its end. */
  readonly settled?: boolean | undefined;
  /** How long an idempotency key counts, in ms. Default: a day. */
  readonly keyTtlMs?: number | undefined;
  /** The APIs of regions whose read models are compared, by region. Default: none. */
  readonly reads?: ReadonlyMap<string, Get> | undefined;
  readonly onProgress?: ((line: string) => void) | undefined;
  readonly nowMs: () => number;
}

/** Version of the report's shape. */
const REPORT_VERSION = 1;

/** What an audit found; it is all that a report file holds. Shares are per cent of all regions together. */
export interface AuditReport {
  readonly version: typeof REPORT_VERSION;
  readonly startedAt: string;
  readonly tookMs: number;
  /** `from`: later than what was asked for where a LOG does not go back so far. Null: no bound. */
  readonly range: { readonly asked: string | null; readonly from: string | null; readonly to: string | null };
  readonly settled: boolean;
  readonly clean: boolean;
  readonly regions: Readonly<Record<string, RegionFigures & { readonly shares: Shares; readonly log: LogRead }>>;
  readonly copies: readonly CopyFigures[];
  readonly reads: readonly ReadsFigures[];
  readonly violations: Partial<Record<FindingKind, Found>>;
  readonly open: Partial<Record<FindingKind, Found>>;
  readonly notices: Partial<Record<FindingKind, Found>>;
  /** Memory that was taken for what was done with. */
  readonly ledgerBytes: number;
}

type Shares = Readonly<Record<'accepted' | 'planned' | 'delivered', number>>;
type LogRead = Readonly<Omit<WalkedLog, 'replicated' | 'region'>>;

/** The report, and the ledger that it was made from, for those that want to ask about single ids. */
export interface Audit {
  readonly report: AuditReport;
  readonly ledger: Ledger;
}

const DAY_MS = 86_400_000;
/** Nothing is stored about a delivery earlier than so long before its event was accepted: so far the clocks of two regions may differ. */
const MARGIN_MS = 60_000;
const READS_PATIENCE_MS = 60_000;

/**
 * Walks the LOGs of all regions and proves that every event which was accepted in the range came to exactly one end per target, that the copies of the LOGs have no
 * holes, and that read models show what the LOGs say. Takes 17-34 bytes of memory for each event, delivery and key, and what is open in full. Throws when a
 * region cannot be asked.
 */
export async function audit(options: AuditOptions): Promise<Audit> {
  const { regions, nowMs, settled = false, onProgress = () => undefined } = options;
  const startedMs = nowMs();
  const range = { fromMs: await beginning(options, startedMs), toMs: options.toMs ?? Number.POSITIVE_INFINITY };
  if (range.toMs <= range.fromMs)
    throw new WaybillError(
      'WB_AUDIT_FAILED',
      `not all logs go back to before ${isoOf(range.toMs)}: all of them have everything only from ${isoOf(range.fromMs)} on`,
    );
  const findings = new Findings();
  const ledger = new Ledger({ ...range, keyTtlMs: options.keyTtlMs ?? DAY_MS }, findings);
  const walkFromMs = Math.max(0, range.fromMs - MARGIN_MS);
  const walk = { fromMs: walkFromMs, onProgress: (read: number, total: number) => onProgress(`read ${read} of ${total} facts`) };
  const logs = await walkLogs(regions, walk, (fact) => ledger.note(fact));
  ledger.finish();
  onProgress('looking at what is under way');
  for (const region of regions) for (const log of logs.filter(({ region: id }) => id === region.id)) await findHoles(region, log, findings);
  const since = (): ReturnType<typeof spokenOfSince> => spokenOfSince(regions, logs);
  await judgeOpen({
    ledger,
    findings,
    waiting: await waitingIn(regions),
    startedMs,
    settled,
    spokenOfSince: () => spokenOfSince(regions, logs),
  });
  const compared = { regions, logs, fromMs: walkFromMs, findings };
  const copies = (await Promise.all(regions.map((region) => compareCopies(region, compared)))).flat();
  const reads = await comparedReads(options, { ledger, findings, fromMs: range.fromMs, spokenOfSince: since });
  const violations = findings.of(VIOLATIONS);
  const report: AuditReport = {
    version: REPORT_VERSION,
    startedAt: new Date(startedMs).toISOString(),
    tookMs: nowMs() - startedMs,
    range: { asked: isoOf(options.fromMs ?? 0), from: isoOf(range.fromMs), to: isoOf(range.toMs) },
    settled,
    clean: Object.keys(violations).length === 0,
    regions: regionsOf(ledger, logs),
    copies,
    reads,
    violations,
    open: findings.of(OPEN),
    notices: findings.of(NOTICES),
    ledgerBytes: ledger.bytes,
  };
  return { report, ledger };
}

const isoOf = (ms: number): string | null => (ms === 0 || !Number.isFinite(ms) ? null : new Date(ms).toISOString());

/** From when on every LOG has everything: where the front of one was removed, its oldest message tells. 0: all of them have everything. */
async function beginning({ regions, fromMs: askedMs = 0 }: AuditOptions, nowMs: number): Promise<number> {
  const ends = await Promise.all(regions.map(({ id, bus }) => endsOf(bus, streamNames(id).log)));
  const cut = ends.filter(({ firstSeq }) => firstSeq > 1);
  return Math.max(askedMs, ...cut.map(({ messages, firstMs }) => (messages === 0 ? nowMs : firstMs + MARGIN_MS)));
}

type Compared = Pick<Parameters<typeof compareReads>[1], 'ledger' | 'findings' | 'fromMs' | 'spokenOfSince'>;

async function comparedReads({ regions, reads, onProgress }: AuditOptions, compared: Compared): Promise<AuditReport['reads']> {
  const all: Reads[] = [];
  for (const region of regions) {
    const get = reads?.get(region.id);
    if (get === undefined) continue;
    onProgress?.(`comparing the read models of ${region.id}`);
    all.push(await compareReads({ region, hasPeers: regions.length > 1, get }, { ...compared, patienceMs: READS_PATIENCE_MS }));
  }
  await nameLacking(regions, all, compared);
  return all.map(({ figures }) => figures);
}

/** Which events and deliveries read models lack is told by their facts, which are read again for it. */
async function nameLacking(regions: readonly AuditedRegion[], reads: readonly Reads[], compared: Compared): Promise<void> {
  const lacking = reads.filter(({ figures }) => figures.lacking > 0);
  if (lacking.length === 0) return;
  const { ledger, findings, fromMs } = compared;
  const named = new Set<string>();
  await walkLogs(regions, { fromMs: Math.max(0, fromMs - MARGIN_MS) }, (fact) => {
    for (const { figures, shown } of lacking)
      for (const { id, inWords } of shownBy(fact, ledger)) {
        const what = `${inWords} ${id} in ${figures.region}`;
        if (shown.get(id) !== undefined || (fact.scope === 'l' && fact.by !== figures.region) || named.has(what)) continue;
        named.add(what);
        findings.add('not_shown', what);
      }
  });
}

/** The events and deliveries of the range that read models show because of a fact. */
function shownBy(fact: AuditFact, { events, deliveries }: Ledger): { readonly id: string; readonly inWords: string }[] {
  if (fact.kind === 'accepted') return events.has(fact.eventId) ? [{ id: fact.eventId, inWords: 'event' }] : [];
  const ids = fact.kind === 'planned' ? fact.deliveries.map(({ deliveryId }) => deliveryId) : fact.kind === 'decided' ? fact.denied : [];
  return ids.filter((id) => deliveries.stateOf(id) !== undefined).map((id) => ({ id, inWords: 'delivery' }));
}

const share = (part: number, whole: number): number => (whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 100);

function regionsOf({ figures }: Ledger, logs: readonly WalkedLog[]): AuditReport['regions'] {
  const all = [...figures.values()];
  const total = (of: keyof Shares): number => all.reduce((sum, one) => sum + one[of], 0);
  return Object.fromEntries(
    logs.map(({ region, stream, fromSeq, toSeq, created }) => {
      const none: RegionFigures = { accepted: 0, planned: 0, refused: 0, attempts: 0, delivered: 0, dead_lettered: 0, denied: 0 };
      const own = figures.get(region) ?? none;
      const shares = {
        accepted: share(own.accepted, total('accepted')),
        planned: share(own.planned, total('planned')),
        delivered: share(own.delivered, total('delivered')),
      };
      return [region, { ...own, shares, log: { stream, fromSeq, toSeq, created } }];
    }),
  );
}
