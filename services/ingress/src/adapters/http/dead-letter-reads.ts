import { type DeadLetterFilter, WaybillError } from '@waybill/contracts';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import {
  deadLetterSchema,
  type DeadLetterReads,
  deliverySchema,
  positionSchema,
} from '../../application/dead-letters/dead-letter-reads.ts';
import type { Projector } from './projector.ts';

/** Rows of one page; the projector gives no more. */
const PAGE = 250;

const pageSchema = z.object({ data: z.array(deadLetterSchema), done: z.boolean(), iterator: z.string().nullable() });
const problemSchema = z.object({ detail: z.string(), errors: z.array(z.unknown()).optional() });

const away = (detail: string, cause?: unknown): WaybillError =>
  new WaybillError('WB_PROJECTOR_AWAY', detail, { cause, extra: { retryAfterSeconds: 2 } });

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw away('the projector answers what is no JSON', error);
  }
}

/** Undefined for 404. What the projector finds wrong with the question is told as it says it. */
async function ask<S extends z.ZodType>(projector: Pick<Projector, 'get'>, path: string, schema: S): Promise<z.output<S> | undefined> {
  const { status, body } = await projector.get(path);
  const received = await text(body).catch((error: unknown) => {
    throw away('the projector broke off its answer', error);
  });
  if (status === 404) return undefined;
  if (status === 422) {
    const problem = problemSchema.safeParse(jsonOf(received)).data;
    throw new WaybillError('WB_SCHEMA_VIOLATION', problem?.detail ?? 'the filter makes no sense', {
      extra: { errors: problem?.errors ?? [] },
    });
  }
  if (status !== 200) throw away(`the projector answers ${status}`);
  const parsed = schema.safeParse(jsonOf(received));
  if (parsed.success) return parsed.data;
  throw away('the projector answers in a way that this version does not know', parsed.error);
}

function queryOf(fields: Readonly<Record<string, string | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) query.set(name, value);
  return query.toString();
}

/** Reads dead letters through the projector. */
export function deadLetterReads(projector: Pick<Projector, 'get'>): DeadLetterReads {
  const askFor = async <S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>> => {
    const answer = await ask(projector, path, schema);
    if (answer === undefined) throw away(`the projector does not know ${path.split('?', 1)[0]}`);
    return answer;
  };
  return {
    position: () => askFor('/v1/stats/position', positionSchema),
    page: (filter: DeadLetterFilter, iterator) =>
      askFor(`/v1/dead-letters?${queryOf({ state: 'open', ...filter, limit: String(PAGE), iterator })}`, pageSchema),
    find: (id) => ask(projector, `/v1/dead-letters/${encodeURIComponent(id)}`, deadLetterSchema),
    delivery: (id) => ask(projector, `/v1/deliveries/${encodeURIComponent(id)}`, deliverySchema),
  };
}
