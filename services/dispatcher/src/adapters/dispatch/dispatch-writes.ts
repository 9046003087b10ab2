import { type DispatchSettled, subjects } from '@waybill/contracts';
import type { Bus, OutgoingMessage, Publish, Stored } from '@waybill/transport';
import type { DispatchWrites } from '../../application/dispatch/dispatch-ports.ts';
import type { Persistence } from '../../application/persistence.ts';

export interface DispatchWritesParts {
  readonly bus: Bus;
  readonly publish: Publish;
  readonly region: string;
  readonly persistence: Pick<Persistence, 'until'>;
}

/**
 * Writes facts about dispatches. Msg-Ids: `intent:<key>:<nth>`, so of two processes of a region that mean to call at once only one may; and
 * `settled:<key>:<outcome>:<time>`.
 */
export function dispatchWrites({ bus, publish, region, persistence }: DispatchWritesParts): DispatchWrites {
  return {
    appendIntended: async (fact, { scope, nth }) => {
      const body = JSON.stringify(fact);
      const message = { subject: subjects.fact(region, scope, 'dispatch.intended'), msgId: `intent:${fact.key}:${nth}`, body };
      const { stored, isFirstTry } = await publishCounting(publish, message, persistence);
      if (!stored.duplicate) return true;
      // Nobody else in this process says it, so at the first try it is another one's; later it may be our own whose ack was lost.
      if (isFirstTry) return false;
      const first = await persistence.until(() => bus.jsm.streams.getMessage(stored.stream, { seq: stored.seq }));
      return first?.string() === body;
    },
    appendSettled: async (fact, scope) => {
      const msgId = settledMsgId(fact);
      const body = JSON.stringify(fact);
      await persistence.until(() => publish({ subject: subjects.fact(region, scope, 'dispatch.settled'), msgId, body }));
    },
  };
}

/** The last `released` of a dispatch may be of the same instant as the one that it was given up after. */
export function settledMsgId({ key, outcome, at }: Pick<DispatchSettled, 'key' | 'outcome' | 'at'>): string {
  const said = outcome.kind === 'released' && outcome.givenUp === true ? 'given-up' : outcome.kind;
  return `settled:${key}:${said}:${Date.parse(at)}`;
}

async function publishCounting(
  publish: Publish,
  message: OutgoingMessage,
  persistence: Pick<Persistence, 'until'>,
): Promise<{ stored: Stored; isFirstTry: boolean }> {
  let tries = 0;
  const stored = await persistence.until(() => {
    tries += 1;
    return publish(message);
  });
  return { stored, isFirstTry: tries === 1 };
}
