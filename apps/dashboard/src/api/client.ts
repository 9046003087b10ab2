import { promised } from './promised.ts';

/** What the API said was wrong: an RFC 9457 problem document, or what could be made out when no answer came. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  /** HTTP status; 0 when the server could not be reached. */
  readonly status: number;
  /** Stable code such as `WB_FORBIDDEN`; `AWAY` when the server could not be reached. */
  readonly code: string;
  readonly title: string;
  readonly remedy: string;
  /** The whole document. */
  readonly document: Readonly<Record<string, unknown>>;

  constructor(status: number, document: Readonly<Record<string, unknown>>) {
    super(textOf(document['detail']) || `the server answered ${status}`);
    this.status = status;
    this.code = textOf(document['code']) || 'UNKNOWN';
    this.title = textOf(document['title']) || 'That did not work';
    this.remedy = textOf(document['remedy']);
    this.document = document;
  }
}

/** Whether no answer came at all: then what was loaded before is the best there is, and the shell says so. */
export const isAway = (error: unknown): boolean => error instanceof ApiProblem && error.status === 0;

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const AWAY = {
  code: 'AWAY',
  title: 'This region cannot be reached',
  detail: 'no answer came from the server',
  remedy: 'It is tried again by itself. If it stays, open the dashboard of another region.',
};
const ANSWER_MS = 15_000;

/** Reads from the API. `T` is what the API promises of the path; throws ApiProblem. */
export const get = async <T>(path: string, signal?: AbortSignal): Promise<T> => promised<T>(await getText(path, signal));

/** Reads from the API what must stay as it was written, such as the numbers of a payload; throws ApiProblem. */
export const getText = (path: string, signal?: AbortSignal): Promise<string> => ask('GET', path, undefined, signal);

/** Sends a command as JSON; throws ApiProblem. Answers without a body resolve to undefined. */
export const send = async <T>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T> =>
  promised<T>(await ask(method, path, body));

async function ask(method: string, path: string, body: unknown, signal?: AbortSignal): Promise<string> {
  const limit = method === 'GET' ? AbortSignal.timeout(ANSWER_MS) : undefined;
  const signals = [signal, limit].filter((one) => one !== undefined);
  const response = await fetch(path, {
    method,
    headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signals.length === 0 ? {} : { signal: AbortSignal.any(signals) }),
  }).catch((error: unknown) => {
    if (signal?.aborted === true) throw error;
    throw new ApiProblem(0, AWAY);
  });
  const text = await response.text();
  if (!response.ok) throw new ApiProblem(response.status, documentOf(text));
  return text;
}

function documentOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}

/** A path with a query, leaving out what is undefined or empty. */
export function pathOf(path: string, query: Readonly<Record<string, string | number | undefined>> = {}): string {
  const given = Object.entries(query).flatMap(([name, value]): [string, string][] =>
    value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}

/** One page of a list. */
export interface Paged<Row> {
  readonly data: readonly Row[];
  readonly done: boolean;
  readonly iterator: string | null;
}
