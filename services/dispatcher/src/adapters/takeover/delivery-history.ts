import { streamNames, subjects } from '@waybill/contracts';
import { type Bus, scanStream, type ScanOptions } from '@waybill/transport';
import { plannedSinceMs, readPlan } from '../../application/deliver-plan.ts';
import { readDue } from '../../application/retry-due.ts';
import type { Persistence } from '../../application/persistence.ts';
import type { EndsRange, History, Mark, Visit } from '../../application/takeover/takeover-ports.ts';
import { owedSinceMs } from '../../domain/owed-since.ts';
import { planConsumers, type PlanConsumer } from '../plan-consumers.ts';
import { readEvidence } from './read-evidence.ts';

/** Every region and every type of fact that says something about deliveries, of those that are replicated. */
const IN_PEERS = [
  subjects.peerFacts('plan.made'),
  subjects.peerFacts('delivery.attempted'),
  subjects.peerFacts('delivery.refused'),
  subjects.peerFacts('takeover.claimed'),
];

/** The facts about deliveries in the LOG and PEERS of a region. Reads are repeated until NATS answers. */
export class DeliveryHistory implements History {
  readonly #bus: Bus;
  readonly #region: string;
  readonly #persistence: Pick<Persistence, 'until'>;
  readonly #log: string;
  readonly #peers: string;
  readonly #ownPlans: string;

  constructor(bus: Bus, region: string, persistence: Pick<Persistence, 'until'>) {
    this.#bus = bus;
    this.#region = region;
    this.#persistence = persistence;
    ({ log: this.#log, peers: this.#peers } = streamNames(region));
    this.#ownPlans = subjects.plansFor(region, '>', 'g');
  }

  present(): Promise<{ end: Mark; beginsMs: number }> {
    return this.#persistence.until(() => presentOf(this.#bus, this.#log, this.#peers));
  }

  readBack(fromTimeMs: number, before: Mark, visit: Visit): Promise<{ before: Mark; messages: number }> {
    const own = ['delivery.attempted', 'delivery.refused', 'takeover.claimed'] as const;
    const inLog = [this.#ownPlans, ...own.map((type) => subjects.fact(this.#region, 'g', type))];
    return this.#persistence.until(async () => {
      const [log, peers] = await Promise.all([
        this.#scan({ stream: this.#log, subjects: inLog, fromTimeMs, toSeq: before.log - 1 }, visit),
        this.#scan({ stream: this.#peers, subjects: IN_PEERS, fromTimeMs, toSeq: before.peers - 1 }, visit),
      ]);
      return { before: { log: log.first ?? before.log, peers: peers.first ?? before.peers }, messages: log.messages + peers.messages };
    });
  }

  readAhead(of: string, after: Mark, visit: Visit): Promise<Mark> {
    const attempts = [subjects.fact(of, 'g', 'delivery.attempted'), subjects.fact(of, 'g', 'delivery.refused')];
    const inPeers = [subjects.peerPlansFor(of), ...attempts, subjects.peerFacts('takeover.claimed')];
    const inLog = [subjects.plansFor(this.#region, of, 'g')];
    return this.#persistence.until(async () => {
      const { end } = await presentOf(this.#bus, this.#log, this.#peers);
      await this.#scan({ stream: this.#log, subjects: inLog, fromSeq: after.log, toSeq: end.log - 1 }, visit);
      await this.#scan({ stream: this.#peers, subjects: inPeers, fromSeq: after.peers, toSeq: end.peers - 1 }, visit);
      return end;
    });
  }

  async readPlans(fromTimeMs: number, visit: Visit): Promise<void> {
    await this.#persistence.until(() => this.#scan({ stream: this.#log, subjects: [this.#ownPlans], fromTimeMs }, visit));
    const inPeers = [subjects.peerFacts('plan.made')];
    await this.#persistence.until(() => this.#scan({ stream: this.#peers, subjects: inPeers, fromTimeMs }, visit));
  }

  async readEnds({ of, fromMs, before }: EndsRange, visit: Visit): Promise<void> {
    const types = ['delivery.attempted', 'delivery.refused'] as const;
    const inPeers = types.map((type) => (of === undefined ? subjects.peerFacts(type) : subjects.fact(of, 'g', type)));
    const to = before === undefined ? {} : { toSeq: before - 1 };
    await this.#persistence.until(() => this.#scan({ stream: this.#peers, subjects: inPeers, fromTimeMs: fromMs, ...to }, visit));
  }

  oldestUnsettledMs(): Promise<number | undefined> {
    return this.#persistence.until(() => oldestUnsettledMs(this.#bus, this.#region));
  }

  /** Resolves with the sequence of the first message, and their number. */
  async #scan(options: ScanOptions, visit: Visit): Promise<{ first: number | undefined; messages: number }> {
    let first: number | undefined;
    let messages = 0;
    await scanStream(this.#bus, options, (message) => {
      first ??= message.seq;
      messages += 1;
      const fact = readEvidence(message);
      if (fact !== undefined) visit(fact);
    });
    return { first, messages };
  }
}

async function presentOf(bus: Bus, log: string, peers: string): Promise<{ end: Mark; beginsMs: number }> {
  const [{ state: inLog }, { state: inPeers }] = await Promise.all([bus.jsm.streams.info(log), bus.jsm.streams.info(peers)]);
  const begins = [inLog, inPeers].filter(({ messages }) => messages > 0).map(({ first_ts: first }) => Date.parse(first));
  return { end: { log: inLog.last_seq + 1, peers: inPeers.last_seq + 1 }, beginsMs: Math.min(Date.now(), ...begins) };
}

async function oldestUnsettledMs(bus: Bus, region: string): Promise<number | undefined> {
  const plans = planConsumers(region, true).map((consumer) => oldestPlanMs(bus, consumer));
  const times = (await Promise.all([...plans, oldestDueMs(bus, region)])).filter((time) => time !== undefined);
  return times.length === 0 ? undefined : Math.min(...times);
}

async function oldestPlanMs(bus: Bus, { stream, durable, subject }: PlanConsumer): Promise<number | undefined> {
  const { ack_floor: floor } = await bus.jsm.consumers.info(stream, durable);
  const message = await bus.jsm.direct.getMessage(stream, { seq: floor.stream_seq + 1, next_by_subj: subject });
  if (message === null) return undefined;
  const plan = readPlan(message.data);
  return (plan && plannedSinceMs(plan.head)) ?? message.time.getTime();
}

async function oldestDueMs(bus: Bus, region: string): Promise<number | undefined> {
  const { retry } = streamNames(region);
  const message = await bus.jsm.direct.getMessage(retry, { seq: 1, next_by_subj: subjects.retryDue(region) });
  if (message === null) return undefined;
  const due = readDue(message.data);
  return (due && owedSinceMs(due)) ?? message.time.getTime();
}
