export { audit, type Audit, type AuditOptions, type AuditReport } from './audit.ts';
export type { FindingKind, Found } from './ledger/findings.ts';
export type { Ledger } from './ledger/ledger.ts';
export { openDeliveriesIn, type OpenDeliveriesOptions, type OpenDelivery } from './open-deliveries.ts';
export type { Get } from './reads/pages.ts';
export { applyRetention, type HeldBy, planRetention, type RetentionOptions, type StreamRetention } from './retention/plan-retention.ts';
export type { AuditedRegion } from './walk/stretch.ts';
