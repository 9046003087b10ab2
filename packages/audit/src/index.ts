export { audit, type Audit, type AuditOptions, type AuditReport } from './audit.ts';
export { openDeliveriesIn, type OpenDeliveriesOptions, type OpenDelivery } from './open-deliveries.ts';
export type { Found, FindingKind } from './ledger/findings.ts';
export type { Get } from './reads/pages.ts';
export type { AuditedRegion } from './walk/stretch.ts';
