import { z } from 'zod';
import { dataPaths } from '../stack/layout.ts';
import { isAlive } from '../stack/processes.ts';
import { isRunning, readRunFile, type RunningRegion, type RunState } from '../stack/run-file.ts';

/** An answer that was not 2xx, in words for a person. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const problemSchema = z.looseObject({
  code: z.string().optional(),
  title: z.string().optional(),
  detail: z.string().optional(),
  remedy: z.string().optional(),
});

/** A failover waits until the region is drained. */
const ANSWER_MS = 150_000;

/** The HTTP interface of one region, with an admin key. */
export class Api {
  readonly #url: string;
  readonly #key: string;
  readonly #answerMs: number;

  /** `answerMs`: how long an answer may take. */
  constructor(url: string, key: string, answerMs = ANSWER_MS) {
    this.#url = url;
    this.#key = key;
    this.#answerMs = answerMs;
  }

  get(path: string): Promise<unknown> {
    return this.request('GET', path);
  }

  /** Whether there is something at a path: false for 404. Throws as `request` does for everything else. */
  async has(path: string): Promise<boolean> {
    try {
      await this.get(path);
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return false;
      throw error;
    }
  }

  /** Sends a request and returns the parsed answer. Throws ApiError with the problem's words, or with what to check when nobody answers. */
  async request(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<unknown> {
    const init: RequestInit = { method, signal: AbortSignal.timeout(this.#answerMs) };
    const json: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    init.headers = { authorization: `Bearer ${this.#key}`, ...json, ...headers };
    if (body !== undefined) init.body = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(`${this.#url}${path}`, init).catch((error: unknown) => {
      throw new ApiError(0, `${this.#url} does not answer. Is the stack running ("npm start")? ${String(error)}`);
    });
    const text = await response.text();
    if (!response.ok) throw new ApiError(response.status, describeProblem(response.status, text));
    return text === '' ? undefined : JSON.parse(text);
  }
}

function describeProblem(status: number, text: string): string {
  try {
    const { code, title, detail, remedy } = problemSchema.parse(JSON.parse(text));
    return `${status} ${code ?? ''} ${title ?? ''}: ${detail ?? ''}\n  ${remedy ?? ''}`.trim();
  } catch {
    return `${status}: ${text.slice(0, 500)}`;
  }
}

/** The stack that runs on a data folder. Throws with what to do when none does. */
export function runningStack(dataDir: string): RunState {
  const state = readRunFile(dataPaths(dataDir).run);
  if (!isRunning(state)) throw new Error(`no stack runs on ${dataDir}. Start one with "npm start", or name its folder with --data.`);
  return state;
}

/** Whether a region of a local stack takes requests. */
export const isUp = ({ pids }: RunningRegion): boolean => pids['ingress'] !== undefined && isAlive(pids['ingress']);

/** The API of the first region of a running stack that is up (or of `region`), or of `WAYBILL_URL` with `MANAGEMENT_API_KEY`. */
export function apiOf(dataDir: string, env: NodeJS.ProcessEnv, region?: string): Api {
  const url = env['WAYBILL_URL'];
  if (url !== undefined && url !== '') return new Api(url, env['MANAGEMENT_API_KEY'] ?? '');
  const state = runningStack(dataDir);
  const chosen = region === undefined ? (state.regions.find(isUp) ?? state.regions[0]) : state.regions.find(({ id }) => id === region);
  if (chosen === undefined) throw new Error(`this stack has no region "${region}"; it has ${state.regions.map(({ id }) => id).join(', ')}`);
  return new Api(chosen.url, state.adminKey);
}
