import {
  deliveryRefusedSchema,
  dispatchDecidedSchema,
  dispatchEndedSchema,
  dispatchReportedSchema,
  dispatchSettledSchema,
  parseFactSubject,
} from '@waybill/contracts';
import type { Incoming } from '@waybill/transport';
import { isDispatch } from '../../domain/dispatch/dispatch-endpoint.ts';
import type { DispatchFact } from '../../domain/report/story.ts';

/** A fact that reports need; undefined for the others. Throws for one that cannot be read. */
export function readDispatchFact({ subject, body }: Pick<Incoming, 'subject' | 'body'>): DispatchFact | undefined {
  const parsed = parseFactSubject(subject);
  if (parsed === undefined) return undefined;
  const { type, scope } = parsed;
  const value = (): unknown => JSON.parse(Buffer.from(body).toString('utf8'));
  switch (type) {
    case 'dispatch.decided':
      return { type, scope, fact: dispatchDecidedSchema.parse(value()) };
    case 'dispatch.settled':
      return { type, fact: dispatchSettledSchema.parse(value()) };
    case 'dispatch.ended':
      return { type, fact: dispatchEndedSchema.parse(value()) };
    case 'dispatch.reported':
      return { type, fact: dispatchReportedSchema.parse(value()) };
    case 'delivery.refused': {
      const fact = deliveryRefusedSchema.parse(value());
      return isDispatch(fact.endpointId) ? { type, fact } : undefined;
    }
    default:
      return undefined;
  }
}
