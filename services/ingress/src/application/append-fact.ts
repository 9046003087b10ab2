import type { FactType, Scope } from '@waybill/contracts';

/** A fact of this region. `msgId`: the same again is stored once. */
export interface FactHere {
  readonly type: Exclude<FactType, 'plan.made'>;
  readonly scope: Scope;
  readonly msgId: string;
  readonly body: object;
}

/** Appends to this region's LOG, trying again for a moment; resolves with the place when it is stored. Throws WB_NATS_AWAY, WB_LOG_FULL. */
export type AppendFact = (fact: FactHere) => Promise<{ readonly seq: number }>;
