import { monotonicMs, pause, type LocalStack } from '@waybill/bench';
import { request } from 'undici';
import { z } from 'zod';

/** What the API answered; problems are answers, too. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH';
export type Asked = { readonly stack: Pick<LocalStack, 'region'> };

/** Listing 100,000 dead letters takes a while. */
const ANSWER_BUDGET_MS = 120_000;
const PATIENCE_MS = 90_000;
const AGAIN_AFTER_MS = 250;

/** Asks the API of the first region once. Throws when there is no answer. */
export async function ask({ stack }: Asked, method: Method, path: string, body?: object): Promise<Answer> {
  const { url, adminKey } = stack.region();
  const { statusCode, body: answer } = await request(`${url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${adminKey}`,
      'waybill-actor': 'drill',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headersTimeout: ANSWER_BUDGET_MS,
    bodyTimeout: ANSWER_BUDGET_MS,
  });
  const text = await answer.text();
  const parsed: unknown = text === '' ? undefined : JSON.parse(text);
  return { status: statusCode, body: parsed };
}

/** Asks again as long as nobody answers, or with a 5xx: processes are being killed. For what may be asked twice. Throws after a minute and a half. */
export async function askPatiently(asked: Asked, method: Method, path: string, body?: object): Promise<Answer> {
  const deadline = monotonicMs() + PATIENCE_MS;
  for (;;) {
    const answer = await ask(asked, method, path, body).catch((error: unknown) => ({ status: 0, body: String(error) }));
    if (answer.status > 0 && answer.status < 500) return answer;
    if (monotonicMs() > deadline) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
    await pause(AGAIN_AFTER_MS);
  }
}

/** The body of an answer with this status. Throws with what was answered instead. */
export function wanted<T extends z.ZodType>({ status, body }: Answer, expected: number, schema: T): z.output<T> {
  if (status !== expected) throw new Error(`expected ${expected}, was answered ${status}: ${JSON.stringify(body)?.slice(0, 500)}`);
  return schema.parse(body);
}
