import {
  dispatchDecidedSchema,
  type DispatchDecided,
  dispatchEndedSchema,
  dispatchSettledSchema,
  parseFactSubject,
  subjects,
} from '@waybill/contracts';
import type { Logger } from '@waybill/runtime';
import { type Bus, FactFollower, type Incoming } from '@waybill/transport';
import type { DispatchFacts } from '../../application/runs/plan-run.ts';
import { type FactPlace, KEPT_MS, RunIndex } from '../../application/runs/run-index.ts';

export interface FollowDispatchesParts {
  readonly bus: Bus;
  readonly region: string;
  readonly hasPeers: boolean;
  readonly logger: Logger;
}

/** Keeps the index of runs up to date with the facts of the own LOG and of other regions. */
export class FollowedDispatches implements DispatchFacts {
  readonly index: RunIndex;
  readonly #follower: FactFollower;
  readonly #parts: FollowDispatchesParts;

  constructor(parts: FollowDispatchesParts) {
    const { bus, region, hasPeers, logger } = parts;
    const sinceMs = Date.now() - KEPT_MS;
    this.#parts = parts;
    this.index = new RunIndex(sinceMs);
    this.#follower = new FactFollower({
      bus,
      region,
      hasPeers,
      filter: subjects.dispatchFacts,
      sinceMs,
      visit: (message) => this.#note(message),
      onFailure: (failure) => {
        if (failure === undefined) logger.info({ event: 'planner.dispatches_followed' }, 'the facts of dispatches are read again');
        else logger.warn({ event: 'planner.dispatches_unread', err: failure }, 'the facts of dispatches: tried on');
      },
    });
  }

  catchUp(): Promise<void> {
    return this.#follower.catchUp();
  }

  async read({ stream, seq }: FactPlace): Promise<DispatchDecided | undefined> {
    const { direct, streams } = this.#parts.bus.jsm;
    // One replica may lag; the leader knows.
    const message = (await direct.getMessage(stream, { seq })) ?? (await streams.getMessage(stream, { seq }));
    return message === null ? undefined : dispatchDecidedSchema.safeParse(message.json()).data;
  }

  close(): void {
    this.#follower.close();
  }

  #note(message: Incoming): void {
    try {
      this.#noteFact(message);
    } catch (error) {
      // A newer version may write what this one cannot read; it must not keep this one from reading on.
      this.#parts.logger.warn({ event: 'planner.dispatch_unreadable', stream: message.stream, seq: message.seq, err: error }, 'left out');
    }
  }

  #noteFact({ subject, body, stream, seq, timestampMs }: Incoming): void {
    const { type, scope = 'g' } = parseFactSubject(subject) ?? {};
    if (type !== 'dispatch.decided' && type !== 'dispatch.settled' && type !== 'dispatch.ended') return;
    const fact: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    if (type === 'dispatch.decided')
      this.index.noteDecided(dispatchDecidedSchema.parse(fact), { stream, seq, storedMs: timestampMs, scope });
    else if (type === 'dispatch.settled') this.index.noteSettled(dispatchSettledSchema.parse(fact), scope);
    else this.index.noteEnded(dispatchEndedSchema.parse(fact));
  }
}
