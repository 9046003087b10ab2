import { jetstream, type JetStreamClient, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { CONTROL_BUCKET, WaybillError } from '@waybill/contracts';
import type { Bus } from './bus.ts';

/** What a key held, and the sequence it was written at: the handle for compare-and-set. */
export interface ControlEntry {
  readonly value: unknown;
  readonly revision: number;
}

/** How well the control bucket can be reached: `no_quorum` hears the hub's API, but writes are not taken; `isolated` hears nothing. */
export type ControlReach = 'reachable' | 'no_quorum' | 'isolated';

/** A renewal that hangs longer could outlive its lease. */
const REQUEST_MS = 1_000;
/** JetStream's "wrong last sequence". */
const WRONG_LAST_SEQUENCE = 10_071;
const PREFIX = `$KV.${CONTROL_BUCKET}.`;
const STREAM = `KV_${CONTROL_BUCKET}`;

/**
 * The control bucket, in another JetStream domain (`domain`, the hub's) or in the own one. Every call answers within about a second.
 * Reads may come from a copy that lags; compare-and-set is decided by the leader. Throws WB_CONTROL_AWAY, and WB_CONFLICT for a lost race.
 */
export class ControlBucket {
  readonly #bus: Bus;
  readonly #js: JetStreamClient;
  readonly #subjectPrefix: string;
  readonly #infoSubject: string;
  readonly #domain: string | undefined;
  #manager: Promise<JetStreamManager> | undefined;

  constructor(bus: Bus, domain?: string) {
    this.#bus = bus;
    this.#domain = domain;
    this.#js = jetstream(bus.nc, { timeout: REQUEST_MS });
    this.#subjectPrefix = domain === undefined ? PREFIX : `$JS.${domain}.API.${PREFIX}`;
    this.#infoSubject = domain === undefined ? '$JS.API.INFO' : `$JS.${domain}.API.INFO`;
  }

  /** The newest value of a key; undefined when it was never written. */
  async get(key: string): Promise<ControlEntry | undefined> {
    this.#requireUp();
    try {
      const manager = await this.#openManager();
      const message = await manager.direct.getMessage(STREAM, { last_by_subj: `${PREFIX}${key}` });
      if (message === null) return undefined;
      return { value: JSON.parse(Buffer.from(message.data).toString('utf8')), revision: message.seq };
    } catch (error) {
      throw away(`${key} cannot be read`, error);
    }
  }

  /** How many servers hold a copy of the bucket: a majority of them must be up for it to be written. */
  async copies(): Promise<number> {
    this.#requireUp();
    try {
      const manager = await this.#openManager();
      const { config } = await manager.streams.info(STREAM);
      return config.num_replicas;
    } catch (error) {
      throw away('the bucket cannot be looked at', error);
    }
  }

  /** Writes a key whatever it held; returns the revision. */
  put(key: string, value: unknown): Promise<number> {
    return this.#write(key, value);
  }

  /** Writes a key that must still be at `revision` (0: must not exist). */
  update(key: string, value: unknown, revision: number): Promise<number> {
    return this.#write(key, value, revision);
  }

  /** Tells "nobody hears us" from "heard, but no majority": to be asked after a write failed. */
  async reach(): Promise<ControlReach> {
    if (!this.#bus.isUp()) return 'isolated';
    try {
      await this.#bus.nc.request(this.#infoSubject, undefined, { timeout: REQUEST_MS });
      return 'no_quorum';
    } catch {
      return 'isolated';
    }
  }

  async #write(key: string, value: unknown, revision?: number): Promise<number> {
    this.#requireUp();
    const expect = revision === undefined ? {} : { expect: { lastSubjectSequence: revision } };
    try {
      const { seq } = await this.#js.publish(`${this.#subjectPrefix}${key}`, JSON.stringify(value), { timeout: REQUEST_MS, ...expect });
      return seq;
    } catch (error) {
      if (isConflict(error)) throw new WaybillError('WB_CONFLICT', `${key} was written by somebody else`, { cause: error });
      throw away(`${key} cannot be written`, error);
    }
  }

  /** The client would queue the request while it reconnects and send it long after. */
  #requireUp(): void {
    if (!this.#bus.isUp()) throw away('the connection is down');
  }

  #openManager(): Promise<JetStreamManager> {
    const domain = this.#domain === undefined ? {} : { domain: this.#domain };
    this.#manager ??= jetstreamManager(this.#bus.nc, { checkAPI: false, timeout: REQUEST_MS, ...domain });
    return this.#manager;
  }
}

function isConflict(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === WRONG_LAST_SEQUENCE;
}

function away(what: string, cause?: unknown): WaybillError {
  const because = cause instanceof Error ? `: ${cause.message}` : '';
  return new WaybillError('WB_CONTROL_AWAY', `${what}${because}`, { cause, extra: { retryAfterSeconds: 2 } });
}
