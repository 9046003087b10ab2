import { createAppAuth } from '@octokit/auth-app';
import { request } from '@octokit/request';
import { z } from 'zod';
import type { GithubConfig } from '../config/github-config.ts';
import { type CallFailure, callFailure } from './call-failure.ts';
import { Connections } from './connections.ts';

/** One call. `path` is a template such as `/repos/{owner}/{repo}`; what `params` holds beyond it becomes the query. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly path: string;
  readonly params?: Readonly<Record<string, string | number>>;
  /** The body, as JSON text. */
  readonly json?: string | undefined;
  /** Of the installation; absent: the call is made as the App. */
  readonly token?: string | undefined;
  readonly etag?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Answered {
  readonly kind: 'answered';
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** Numbers above 2^53 are BigInt in here. */
  readonly data: unknown;
  /** GitHub's own text for an error, at most 300 characters; undefined when the body is not GitHub's. */
  readonly message: string | undefined;
}

export type Reply = Answered | CallFailure;

const answerSchema = z.object({ status: z.number(), headers: z.record(z.string(), z.unknown()), data: z.unknown() });
const thrownSchema = z.object({ response: answerSchema });
const messageSchema = z.object({ message: z.string() });

function answered({ status, headers, data }: z.output<typeof answerSchema>, token: string | undefined): Answered {
  const given = messageSchema.safeParse(data);
  const message = given.success ? given.data.message.replaceAll(token ?? '\0', '[cut]').slice(0, 300) : undefined;
  return { kind: 'answered', status, headers, data, message };
}

/** Makes calls of GitHub's REST API, each once and within `timeoutMs`. Errors of Octokit hold the headers of the request, so none gets out of here. */
export class Calls {
  readonly #connections: Connections;
  readonly #request: typeof request;
  readonly #asApp: ReturnType<typeof createAppAuth>['hook'];

  constructor({ apiUrl, apiVersion, appId, privateKey, timeoutMs }: GithubConfig) {
    this.#connections = new Connections(timeoutMs);
    this.#request = request.defaults({
      baseUrl: apiUrl,
      headers: {
        'user-agent': 'waybill',
        accept: 'application/vnd.github+json',
        ...(apiVersion === undefined ? {} : { 'x-github-api-version': apiVersion }),
      },
      request: { fetch: this.#connections.fetch, redirect: 'manual', log: { warn: () => undefined } },
    });
    // Its own installation tokens are not used: it takes ids for JavaScript numbers, and shares calls under way among all Apps of a process.
    const auth = createAppAuth({ appId, privateKey, request: this.#request, log: { warn: () => undefined } });
    this.#asApp = (send, route, parameters) => auth.hook(send, route, parameters);
  }

  /** Never rejects. Redirects are not followed: they are answers like any other. */
  async send({ method, path, params, json, token, etag, signal }: Call): Promise<Reply> {
    try {
      const response = await this.#request<unknown>({
        method,
        url: path,
        ...params,
        ...(json === undefined ? {} : { data: json }),
        headers: {
          ...(token === undefined ? {} : { authorization: `token ${token}` }),
          ...(etag === undefined ? {} : { 'if-none-match': etag }),
        },
        request: { ...(signal && { signal }), ...(token === undefined && { hook: this.#asApp }) },
      });
      return answered(answerSchema.parse(response), token);
    } catch (error) {
      const thrown = thrownSchema.safeParse(error);
      return thrown.success ? answered(thrown.data.response, token) : callFailure(error);
    }
  }

  /** Ends the calls that are under way. */
  close(): Promise<void> {
    return this.#connections.close();
  }
}
