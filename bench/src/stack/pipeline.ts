import { CONSUMERS, streamNames } from '@waybill/contracts';
import { type Bus, connectBus } from '@waybill/transport';
import type { RunningRegion } from './run-state.ts';

/** What waits where, in messages: not handed out yet, or handed out and not settled. */
export interface Backlog {
  readonly planner: number;
  readonly dispatcher: number;
  readonly due: number;
  /** Messages in the RETRY stream: schedules, and what became due. */
  readonly retries: number;
  readonly projector: number;
}

/** What a consumer has not settled yet. */
export interface ConsumerLoad {
  readonly waiting: number;
  readonly inFlight: number;
}

/** A look at the streams of a running region, from outside of its services. */
export class Pipeline {
  readonly bus: Bus;
  readonly region: string;

  readonly #hasPeers: boolean;

  constructor(bus: Bus, region: string, hasPeers: boolean) {
    this.bus = bus;
    this.region = region;
    this.#hasPeers = hasPeers;
  }

  static async connect({ id, natsUrl, operator }: Pick<RunningRegion, 'id' | 'natsUrl' | 'operator'>): Promise<Pipeline> {
    const login = operator === undefined ? {} : { ...operator, inboxPrefix: `_INBOX_${id}.${operator.user}` };
    return new Pipeline(await connectBus({ servers: natsUrl, name: 'waybill-bench', ...login }), id, operator !== undefined);
  }

  get natsVersion(): string {
    return this.bus.nc.info?.version ?? 'unknown';
  }

  /** Throws when NATS does not answer. */
  async load(stream: 'log' | 'peers' | 'retry', durable: string): Promise<ConsumerLoad> {
    const { num_pending: waiting, num_ack_pending: inFlight } = await this.bus.jsm.consumers.info(
      streamNames(this.region)[stream],
      durable,
    );
    return { waiting, inFlight };
  }

  /** Throws when NATS does not answer. */
  async backlog(): Promise<Backlog> {
    const total = async (stream: 'log' | 'peers' | 'retry', durable: string): Promise<number> => {
      const { waiting, inFlight } = await this.load(stream, durable);
      return waiting + inFlight;
    };
    const [planner, runs, plans, local, due, projector, retry] = await Promise.all([
      total('log', CONSUMERS.planner),
      total('log', CONSUMERS.plannerRuns),
      total('log', CONSUMERS.dispatcherPlans),
      total('log', CONSUMERS.dispatcherLocal),
      total('retry', CONSUMERS.dispatcherDue),
      total('log', CONSUMERS.projector),
      this.bus.jsm.streams.info(streamNames(this.region).retry),
    ]);
    const handedOver = this.#hasPeers ? await total('peers', CONSUMERS.dispatcherPeers) : 0;
    const peersToProject = this.#hasPeers ? await total('peers', CONSUMERS.projector) : 0;
    return {
      planner: planner + runs,
      dispatcher: plans + local + handedOver,
      due,
      projector: projector + peersToProject,
      retries: retry.state.messages,
    };
  }

  /** Plans and due retries that the dispatcher was handed and has not settled. Throws when NATS does not answer. */
  async inHand(): Promise<number> {
    const [plans, due] = await Promise.all([this.load('log', CONSUMERS.dispatcherPlans), this.load('retry', CONSUMERS.dispatcherDue)]);
    return plans.inFlight + due.inFlight;
  }

  close(): Promise<void> {
    return this.bus.close();
  }
}

/** Whether nothing is left to plan, to deliver or to retry. */
export const isDelivered = ({ planner, dispatcher, due, retries }: Backlog): boolean => planner + dispatcher + due + retries === 0;
/** Whether nothing is left at all. */
export const isIdle = (backlog: Backlog): boolean => isDelivered(backlog) && backlog.projector === 0;

/** The backlog in a few words. */
export const describeBacklog = ({ planner, dispatcher, due, retries, projector }: Backlog): string =>
  `to plan ${planner}, to deliver ${dispatcher}, to retry ${Math.max(due, retries)}, to project ${projector}`;
