import {
  deliveryAttemptedSchema,
  deliveryRefusedSchema,
  eventRefusedSchema,
  HEADERS,
  parseFactSubject,
  planHeadSchema,
  splitRawData,
  streamNames,
  subjects,
} from '@waybill/contracts';
import { type Incoming, scanStream } from '@waybill/transport';
import type { Pipeline } from '@waybill/bench';
import { z } from 'zod';

/** Ends that a delivery can come to, as read models name them. */
export type End = 'delivered' | 'dead_lettered' | 'denied';

/** What a LOG holds, sorted out. */
export interface LogAudit {
  readonly accepted: ReadonlySet<string>;
  /** Events that share an idempotency key with an earlier one: the same request was stored twice. */
  readonly sameKey: readonly string[];
  readonly withoutPlan: readonly string[];
  readonly plannedTwice: readonly string[];
  /** Ends of every planned delivery; more than one is one too many. */
  readonly ends: ReadonlyMap<string, readonly End[]>;
  readonly withoutEnd: readonly string[];
  readonly endedTwice: readonly string[];
  /** Attempts of deliveries that no plan names. */
  readonly unplanned: readonly string[];
  readonly attempts: number;
}

const headSchema = z.object({ eventId: z.string() });

/** Sorts the facts of a LOG out, one by one, and then says what does not add up. */
export class LogAuditor {
  readonly #accepted = new Set<string>();
  readonly #keys = new Set<string>();
  readonly #sameKey: string[] = [];
  /** Plans, and refusals, by event: each event is owed one of the two. */
  readonly #plans = new Map<string, number>();
  readonly #ends = new Map<string, End[]>();
  readonly #tried = new Set<string>();
  #attempts = 0;

  accepted(eventId: string, key: string): void {
    if (key !== '' && this.#keys.has(key)) this.#sameKey.push(eventId);
    this.#keys.add(key);
    this.#accepted.add(eventId);
  }

  planned(eventId: string, deliveryIds: readonly string[]): void {
    this.#plans.set(eventId, (this.#plans.get(eventId) ?? 0) + 1);
    for (const id of deliveryIds) if (!this.#ends.has(id)) this.#ends.set(id, []);
  }

  attempted(deliveryId: string, next: End | 'retry'): void {
    this.#attempts += 1;
    this.#tried.add(deliveryId);
    if (next !== 'retry') this.#ends.get(deliveryId)?.push(next);
  }

  /** Call when all facts were seen. An attempt always comes after its plan in the LOG. */
  audit(): LogAudit {
    const plansOf = (id: string): number => this.#plans.get(id) ?? 0;
    const withEnds = (matches: (ends: number) => boolean): string[] =>
      [...this.#ends].filter(([, ends]) => matches(ends.length)).map(([id]) => id);
    return {
      accepted: this.#accepted,
      sameKey: this.#sameKey,
      withoutPlan: [...this.#accepted].filter((id) => plansOf(id) === 0),
      plannedTwice: [...this.#plans.keys()].filter((id) => plansOf(id) > 1),
      ends: this.#ends,
      withoutEnd: withEnds((ends) => ends === 0),
      endedTwice: withEnds((ends) => ends > 1),
      unplanned: [...this.#tried].filter((id) => !this.#ends.has(id)),
      attempts: this.#attempts,
    };
  }
}

/** Reads the whole LOGs of regions as one. Throws on a fact that breaks its schema. */
export async function auditLogs(pipelines: readonly Pipeline[]): Promise<LogAudit> {
  const auditor = new LogAuditor();
  // A plan may lie in one region's LOG and its attempts in another's, whichever is read first.
  for (const kind of ['plans', 'attempts'] as const)
    for (const { bus, region } of pipelines) {
      const types = kind === 'plans' ? PLAN_FACTS : ATTEMPT_FACTS;
      const filters = types.map((type) => subjects.factFilter(region, type));
      await scanStream(bus, { stream: streamNames(region).log, subjects: filters }, (message) => readFact(auditor, message));
    }
  return auditor.audit();
}

const PLAN_FACTS = ['event.accepted', 'run.completed', 'event.refused', 'plan.made'] as const;
const ATTEMPT_FACTS = ['delivery.attempted', 'delivery.refused'] as const;

function readFact(auditor: LogAuditor, message: Incoming): void {
  const type = parseFactSubject(message.subject)?.type;
  switch (type) {
    case 'event.accepted':
    case 'run.completed':
      return auditor.accepted(headSchema.parse(splitRawData(message.body).head).eventId, message.header(HEADERS.idempotency));
    case 'event.refused':
      return auditor.planned(eventRefusedSchema.parse(jsonOf(message)).eventId, []);
    case 'plan.made': {
      const { event, deliveries } = planHeadSchema.parse(splitRawData(message.body).head);
      return auditor.planned(
        event.eventId,
        deliveries.map(({ deliveryId }) => deliveryId),
      );
    }
    case 'delivery.attempted': {
      const { deliveryId, next } = deliveryAttemptedSchema.parse(jsonOf(message));
      return auditor.attempted(deliveryId, next.kind);
    }
    case 'delivery.refused': {
      const { deliveryId, next } = deliveryRefusedSchema.parse(jsonOf(message));
      return auditor.attempted(deliveryId, next.kind);
    }
    default:
      throw new Error(`${message.subject} was not asked for`);
  }
}

const jsonOf = ({ body }: Incoming): unknown => JSON.parse(Buffer.from(body).toString('utf8'));
