import { setTimeout as sleep } from 'node:timers/promises';
import { WaybillError } from '@waybill/contracts';
import type { z } from 'zod';
import { GithubRefused } from '../github-app.ts';
import type { Answered, Call, Calls, Reply } from './calls.ts';
import { Etags } from './etags.ts';
import type { InstallationTokens, TokenScope } from './installation-tokens.ts';
import type { Lanes, Limited } from './lanes.ts';
import { Rests } from './rests.ts';

type Asked = Omit<Call, 'token' | 'etag'>;

/** Lane of the calls that are made as the App. */
const APP = 'app';
/** Copies of GitHub learn of a new token with a delay, and answer 401 meanwhile. */
const TOKEN_SPREADS_MS = 5000;

export const away = (detail: string): WaybillError => new WaybillError('WB_GITHUB_AWAY', detail);
const limited = ({ retryAfterMs, status }: Limited): WaybillError =>
  new WaybillError('WB_GITHUB_LIMITED', `GitHub answers ${status} and wants to be left alone`, { extra: { retryAfterMs } });

/** Reads an answer as what it should hold; one that does not is no answer. */
export function readAnswer<S extends z.ZodType>(schema: S, { data }: Pick<Answered, 'data'>): z.output<S> {
  const { success, data: read } = schema.safeParse(data);
  if (!success) throw away('the answer is not what GitHub describes');
  return read;
}

/** Asks GitHub for something and expects an answer: what else may happen is an error, as GithubApp says. */
export class Asking {
  readonly #calls: Calls;
  readonly #tokens: InstallationTokens;
  readonly #lanes: Lanes;
  readonly #nowMs: () => number;
  readonly #rests: Rests;

  constructor(parts: { calls: Calls; tokens: InstallationTokens; lanes: Lanes; nowMs: () => number }) {
    this.#calls = parts.calls;
    this.#tokens = parts.tokens;
    this.#lanes = parts.lanes;
    this.#nowMs = parts.nowMs;
    this.#rests = new Rests(parts.nowMs);
  }

  /** As the App. Resolves with a status below 400. */
  asApp(call: Asked): Promise<Answered> {
    return this.#inLane(APP, () => this.#calls.send(call));
  }

  /** Through an installation. Resolves with a status below 400. */
  inScope(scope: TokenScope, call: Asked): Promise<Answered> {
    return this.#inLane(scope.installationId, () => this.#sendWithToken(scope, (token) => this.#calls.send({ ...call, token })));
  }

  /** As `inScope`, for what seldom changes: GitHub is asked whether it is still what `etags` holds, which costs nothing. `read` is for answers of status 200. */
  async unlessChanged<T>(
    scope: TokenScope,
    call: Asked,
    { etags, read }: { etags: Etags<T>; read: (answer: Answered) => T },
  ): Promise<T | { readonly redirected: true }> {
    let key = '';
    const answer = await this.#inLane(scope.installationId, () =>
      this.#sendWithToken(scope, (token) => {
        key = Etags.key(token, `${call.path} ${JSON.stringify(call.params)}`);
        return this.#calls.send({ ...call, token, etag: etags.get(key)?.etag });
      }),
    );
    const known = etags.get(key);
    if (answer.status === 304 && known !== undefined) return known.value;
    if (answer.status === 304) throw away('the tag that was asked about is gone');
    if (answer.status >= 300) return { redirected: true };
    const value = read(answer);
    const { etag } = answer.headers;
    if (typeof etag === 'string') etags.set(key, { etag, value });
    return value;
  }

  async #inLane(key: string, send: () => Promise<Reply>): Promise<Answered> {
    return this.#lanes.run(key, async () => {
      const closed = this.#lanes.limited(key);
      if (closed !== undefined) throw limited(closed);
      if (this.#rests.mustRest(key)) throw away('the last calls got no answer; it is asked again in a moment');
      const reply = await send();
      if (reply.kind === 'answered' && reply.status < 500) this.#rests.answered(key);
      else this.#rests.failed(key);
      if (reply.kind !== 'answered') throw away(`${reply.kind}: ${reply.detail}`);
      const limit = this.#lanes.note(key, reply);
      if (limit !== undefined) throw limited(limit);
      return accepted(reply);
    });
  }

  /** A 401 is a definite no to the token, so the call is made again with another one, once. */
  async #sendWithToken(scope: TokenScope, send: (token: string) => Promise<Reply>): Promise<Reply> {
    const first = await this.#tokens.get(scope);
    if (first.kind === 'failed') return first.reply;
    const reply = await send(first.token);
    if (reply.kind !== 'answered' || reply.status !== 401) return reply;
    if (this.#nowMs() - first.mintedAtMs < TOKEN_SPREADS_MS) await sleep(1000);
    else this.#tokens.forget(scope);
    const second = await this.#tokens.get(scope);
    if (second.kind === 'failed') return second.reply;
    const last = await send(second.token);
    if (last.kind === 'answered' && last.status === 401) this.#tokens.forget(scope);
    return last;
  }
}

function accepted(answer: Answered): Answered {
  const { status, message } = answer;
  if (status < 400) return answer;
  if (status === 401) throw away('GitHub does not take what the App shows: look at its id, its key and the clock');
  // A text that is not GitHub's comes from something in between, whose no is not GitHub's.
  if (status >= 500 || status === 408 || message === undefined) throw away(`GitHub answers ${status}`);
  throw new GithubRefused(status, `GitHub answers ${status}: ${message}`);
}
