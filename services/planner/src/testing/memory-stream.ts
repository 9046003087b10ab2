import { HEADERS, type PlanHead, planHeadSchema, splitRawData, WaybillError } from '@waybill/contracts';
import type { Incoming, OutgoingMessage, Publish } from '@waybill/transport';
import { finderFor } from '../adapters/find-event.ts';
import type { EventLog } from '../application/event-log.ts';

interface Message extends Pick<Incoming, 'subject' | 'seq' | 'origin' | 'timestampMs'> {
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** What becomes of a publish: stored, lost on the way, or stored with its answer lost. */
export type Fate = 'stored' | 'lost' | 'unanswered';

/** A stream in memory: sequences, times, Msg-Ids, and copies from another stream. */
export class MemoryStream {
  readonly name: string;
  readonly messages: Message[] = [];
  readonly #nowMs: () => number;
  #ids = new Map<string, number>();
  #fates: Fate[] = [];

  constructor(name: string, nowMs: () => number) {
    this.name = name;
    this.#nowMs = nowMs;
  }

  /** Decides the next publishes, in order; those after them are stored. */
  willBe(...fates: Fate[]): void {
    this.#fates.push(...fates);
  }

  /** As after the Msg-Id window. */
  forgetIds(): void {
    this.#ids.clear();
  }

  readonly publish: Publish = async (message) => {
    const fate = this.#fates.shift() ?? 'stored';
    if (fate === 'lost') throw new WaybillError('WB_NATS_AWAY', 'no ack');
    const known = this.#ids.get(message.msgId);
    const seq = known ?? this.store({ ...message, headers: { ...message.headers, [HEADERS.msgId]: message.msgId } });
    this.#ids.set(message.msgId, seq);
    if (fate === 'unanswered') throw new WaybillError('WB_NATS_AWAY', 'no ack');
    return { stream: this.name, seq, duplicate: known !== undefined };
  };

  store({ subject, body, headers = {} }: Omit<OutgoingMessage, 'msgId'>, origin?: Incoming['origin']): number {
    const seq = this.messages.length + 1;
    this.messages.push({ subject, body: Buffer.from(body), headers, seq, origin, timestampMs: this.#nowMs() });
    return seq;
  }

  /** Copies what another stream holds from a sequence on, as replication does. */
  copy(from: MemoryStream, fromSeq = 1): void {
    for (const { seq, ...message } of from.messages.slice(fromSeq - 1)) this.store(message, { stream: from.name, seq });
  }

  plans(): PlanHead[] {
    return this.messages
      .filter(({ subject }) => subject.includes('.plan.made.'))
      .map(({ body }) => planHeadSchema.parse(splitRawData(body).head));
  }

  /** What it holds of a region's events. */
  events(of: string, subjects: RegExp): EventLog {
    const find = finderFor(of);
    const matching = (): Message[] => this.messages.filter(({ subject }) => subjects.test(subject));
    return {
      scan: async ({ fromSeq = 1, fromMs = 0, toSeq = this.messages.length }, visit) => {
        const read = matching().filter(({ seq, timestampMs }) => seq >= fromSeq && seq <= toSeq && timestampMs >= fromMs);
        for (const message of read) {
          const found = find(message);
          if (found !== undefined) visit(found);
        }
        return read[0]?.seq;
      },
      read: async ({ place, seq, type }) => {
        const message = this.messages[place - 1];
        if (message === undefined) return undefined;
        const scope = message.subject.split('.')[2] === 'l' ? 'l' : 'g';
        return { region: of, seq, scope, type, isFirstTry: false, body: message.body, header: (name) => message.headers[name] ?? '' };
      },
      extent: async () => ({ lastSeq: this.messages.length, firstMs: this.messages[0]?.timestampMs ?? 0 }),
      newestMs: async () => matching().findLast(({ subject }) => /event\.accepted$|run\.completed$/.test(subject))?.timestampMs,
    };
  }
}
