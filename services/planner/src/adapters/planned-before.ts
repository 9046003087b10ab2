import { planHeadSchema, splitRawData, streamNames, subjects, CONSUMERS, eventRefusedSchema, parseFactSubject } from '@waybill/contracts';
import { type Bus, type Incoming, scanStream } from '@waybill/transport';
import type { PlannedBefore } from '../application/plan-event.ts';

/** Accepted events that may still be unacked: the consumer's max_ack_pending, with room for acks that a lost connection swallowed. */
const REMEMBERED = 20_000;

/**
 * THE RESTART RULE for plans: what the planner wrote from its consumer's ack floor on is read at start and after each lost connection,
 * so that an event whose ack was lost is not planned twice, however long the outage. (The Msg-Id window covers a minute only.)
 */
export class PlannedInLog implements PlannedBefore {
  readonly #bus: Bus;
  readonly #region: string;
  readonly #seqs = new Set<number>();
  /** Stands at the oldest entry: a new iterator would walk over all that were removed in front of it. */
  readonly #oldest = this.#seqs.values();
  loaded: Promise<void> = Promise.resolve();

  constructor(bus: Bus, region: string) {
    this.#bus = bus;
    this.#region = region;
  }

  has(seq: number): boolean {
    return this.#seqs.has(seq);
  }

  add(seq: number): void {
    this.#seqs.add(seq);
    if (this.#seqs.size <= REMEMBERED) return;
    const { value: oldest } = this.#oldest.next();
    if (oldest !== undefined) this.#seqs.delete(oldest);
  }

  /** Reads the own output since the ack floor; handlers wait for it. Rejects when the log cannot be read, and must then be called again. */
  load(): Promise<void> {
    this.loaded = this.#read();
    return this.loaded;
  }

  /** Plans of events below the ack floor were acked and cannot come again. */
  async #read(): Promise<void> {
    const { log } = streamNames(this.#region);
    const { ack_floor } = await this.#bus.jsm.consumers.info(log, CONSUMERS.planner);
    const filters = [subjects.factFilter(this.#region, 'plan.made'), subjects.factFilter(this.#region, 'event.refused')];
    await scanStream(this.#bus, { stream: log, subjects: filters, fromSeq: ack_floor.stream_seq + 1 }, (message) =>
      this.add(plannedSeq(message)),
    );
  }
}

/** Sequence of the accepted event that a plan or a refusal is about. */
function plannedSeq(message: Incoming): number {
  if (parseFactSubject(message.subject)?.type === 'plan.made') return planHeadSchema.parse(splitRawData(message.body).head).acceptedSeq;
  return eventRefusedSchema.parse(JSON.parse(Buffer.from(message.body).toString('utf8'))).seq;
}
