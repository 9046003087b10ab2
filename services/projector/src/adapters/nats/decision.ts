import { type DecidedFile, dispatchDecidedSchema } from '@waybill/contracts';
import type { Bus } from '@waybill/transport';
import type { DispatchRow } from '../../domain/dispatch-rows.ts';

type Decided = Pick<DispatchRow, 'event_id' | 'decided_stream' | 'decided_seq'>;

/**
 * Reads the files that a decision was made from. Undefined when the decision keeps none, the stream has dropped it, or NATS is away. Never throws.
 */
export type ReadFiles = (dispatch: Decided) => Promise<readonly DecidedFile[] | undefined>;

/** Reads by direct get, from LOG or PEERS. A stream that was made anew may hold another fact at that place: it is no decision of this event. */
export function filesReader(bus: () => Bus | undefined): ReadFiles {
  return async ({ event_id: eventId, decided_stream: stream, decided_seq: seq }) => {
    const connected = bus();
    if (stream === null || seq === null || connected === undefined || !connected.isUp()) return undefined;
    try {
      const message = await connected.jsm.direct.getMessage(stream, { seq });
      const decided = dispatchDecidedSchema.safeParse(message?.json());
      return decided.success && decided.data.eventId === eventId ? decided.data.files : undefined;
    } catch {
      return undefined;
    }
  };
}
