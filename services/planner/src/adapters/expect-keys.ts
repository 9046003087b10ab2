import { CONSUMERS, type EventSchema, streamNames, subjects } from '@waybill/contracts';
import { type Bus, scanStream } from '@waybill/transport';
import type { KeyTurns } from '../application/key-turns.ts';
import { orderedKeyOf } from '../application/plan-event.ts';
import type { PlannedEvents } from '../application/planned-events.ts';
import { readAccepted } from '../application/read-accepted.ts';

export interface ExpectKeysParts {
  readonly bus: Bus;
  readonly region: string;
  readonly schema: EventSchema;
  readonly planned: PlannedEvents;
  readonly turns: KeyTurns;
}

/**
 * Notes the events with an ordering key that the consumer has handed out and that are not planned: they come again some time after newer ones. To be called
 * when it is known what was planned. Rejects when NATS is away.
 */
export async function expectKeys({ bus, region, schema, planned, turns }: ExpectKeysParts): Promise<void> {
  const { log } = streamNames(region);
  const { ack_floor: floor, delivered, num_ack_pending: pending } = await bus.jsm.consumers.info(log, CONSUMERS.planner);
  if (pending === 0) return;
  const range = { fromSeq: floor.stream_seq + 1, toSeq: delivered.stream_seq };
  await scanStream(bus, { stream: log, subjects: [subjects.factFilter(region, 'event.accepted')], ...range }, ({ seq, body }) => {
    const key = planned.isWhole(seq) ? undefined : orderedKeyOf(readAccepted(body, region, schema));
    if (key !== undefined) turns.expect(key, seq);
  });
}
