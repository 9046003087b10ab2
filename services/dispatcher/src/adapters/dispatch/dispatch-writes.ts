import { subjects } from '@waybill/contracts';
import type { Publish } from '@waybill/transport';
import type { DispatchWrites } from '../../application/dispatch/dispatch-ports.ts';
import type { Persistence } from '../../application/persistence.ts';

/**
 * Writes facts about dispatches through `publish`. Msg-Ids: `intent:<key>:<nth>`, so of two processes of a region that mean to call at once only one may;
 * and `settled:<key>:<outcome>:<time>`.
 */
export function dispatchWrites(publish: Publish, region: string, persistence: Pick<Persistence, 'until'>): DispatchWrites {
  return {
    appendIntended: async (fact, { scope, nth }) => {
      const message = {
        subject: subjects.fact(region, scope, 'dispatch.intended'),
        msgId: `intent:${fact.key}:${nth}`,
        body: JSON.stringify(fact),
      };
      const { duplicate } = await persistence.until(() => publish(message));
      return { duplicate };
    },
    appendSettled: async (fact, scope) => {
      const msgId = `settled:${fact.key}:${fact.outcome.kind}:${Date.parse(fact.at)}`;
      const body = JSON.stringify(fact);
      await persistence.until(() => publish({ subject: subjects.fact(region, scope, 'dispatch.settled'), msgId, body }));
    },
  };
}
