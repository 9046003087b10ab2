import { request } from 'undici';
import type { RunningRegion } from './run-state.ts';

const ANSWER_BUDGET_MS = 10_000;

/** Calls the HTTP interface of a region with its admin key. Throws with the problem when the answer is no 2xx. */
export type CallApi = (method: 'GET' | 'POST' | 'PUT' | 'PATCH', path: string, body?: object) => Promise<unknown>;

/** Builds the caller for a running region. */
export function adminApi({ url, adminKey }: Pick<RunningRegion, 'url' | 'adminKey'>): CallApi {
  return async (method, path, body) => {
    const { statusCode, body: answer } = await request(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${adminKey}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      headersTimeout: ANSWER_BUDGET_MS,
      bodyTimeout: ANSWER_BUDGET_MS,
    });
    const text = await answer.text();
    if (statusCode >= 300) throw new Error(`${method} ${path} was answered with ${statusCode}: ${text.slice(0, 500)}`);
    const parsed: unknown = text === '' ? undefined : JSON.parse(text);
    return parsed;
  };
}

/** Whether `GET <url>/health/ready` answers 200. */
export async function isReady(url: string): Promise<boolean> {
  try {
    const { statusCode, body } = await request(`${url}/health/ready`, { headersTimeout: 1_000, bodyTimeout: 1_000 });
    await body.dump();
    return statusCode === 200;
  } catch {
    return false;
  }
}
