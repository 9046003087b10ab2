import type { ByWhom, ManagementActed, Scope } from '@waybill/contracts';
import type { AppendFact } from './append-fact.ts';
import type { Residency } from './residency.ts';

/** A command that changed something. `about`: its path parameters. */
export interface Act {
  readonly action: string;
  readonly about: Readonly<Record<string, string>>;
  readonly status: number;
  readonly by: ByWhom;
  readonly requestId: string | undefined;
  readonly scope: Scope;
}

export interface RecordPorts {
  readonly region: string;
  readonly append: AppendFact;
  readonly residency: Pick<Residency, 'homeOf'>;
  readonly newMark: () => string;
  readonly nowMs: () => number;
}

/** Whether something that is named belongs to a tenant which keeps everything at home. */
export const isKeptHome = ({ residency }: Pick<RecordPorts, 'residency'>, named: Readonly<Record<string, unknown>>): boolean => {
  const { tenantId, sourceId } = named;
  const isTenants = typeof tenantId === 'string' && residency.homeOf('tenant', tenantId) !== undefined;
  return isTenants || (typeof sourceId === 'string' && residency.homeOf('source', sourceId) !== undefined);
};

/** Appends `management.acted`. Throws WB_NATS_AWAY, WB_LOG_FULL. */
export async function recordAct({ region, append, newMark, nowMs }: RecordPorts, { scope, ...act }: Act): Promise<void> {
  const fact: ManagementActed = { v: 1, region, ...act, about: { ...act.about }, at: new Date(nowMs()).toISOString() };
  await append({ type: 'management.acted', scope, msgId: `acted:${region}:${newMark()}`, body: fact });
}
