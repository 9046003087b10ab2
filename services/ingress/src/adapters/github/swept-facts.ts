import { type DispatchSwept, dispatchSweptSchema, streamNames, subjects } from '@waybill/contracts';
import type { Bus, Publish } from '@waybill/transport';
import type { SweepLog } from '../../application/github/sweep-record.ts';

export interface SweptFacts {
  readonly bus: Bus;
  readonly publish: Publish;
  readonly region: string;
  /** All regions of the deployment. */
  readonly regions: readonly string[];
}

/** Reads and appends `dispatch.swept`. The last message of a subject is one request, however long the log is. */
export function sweptFacts({ bus, publish, region, regions }: SweptFacts): Pick<SweepLog, 'lastSwept' | 'append'> {
  const { log, peers } = streamNames(region);
  const lastOf = async (origin: string): Promise<DispatchSwept[]> => {
    const subject = subjects.fact(origin, 'g', 'dispatch.swept');
    const message = await bus.jsm.direct.getMessage(origin === region ? log : peers, { last_by_subj: subject });
    if (message === null) return [];
    const parsed = dispatchSweptSchema.safeParse(JSON.parse(new TextDecoder().decode(message.data)));
    return parsed.success ? [parsed.data] : [];
  };
  return {
    lastSwept: async () => {
      const facts = (await Promise.all(regions.map(lastOf))).flat();
      return facts.toSorted((one, other) => Date.parse(other.to) - Date.parse(one.to))[0];
    },
    append: (fact) => {
      const { at, to, redelivered } = fact;
      const msgId = `swept:${region}:${at}:${to}:${redelivered[0]?.deliveryId ?? ''}`;
      return publish({ subject: subjects.fact(region, 'g', 'dispatch.swept'), body: JSON.stringify(fact), msgId });
    },
  };
}
