import { createHash, type KeyObject } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Token } from '../auth/tokens.ts';
import type { Fault } from '../faults/faults.ts';
import type { Exchange } from '../options.ts';
import type { Parts } from '../routes/parts.ts';
import { type Answer, Refusal, toJson } from './answer.ts';
import { authenticate } from './authenticate.ts';
import type { Call } from './call.ts';
import type { Route } from './route.ts';
import { hang, reset, trickle } from './spoil.ts';

/** A primary limit that a fault plays lasts this long unless it says otherwise. */
const LIMITED_SECONDS = 60;
const VERSIONS = new Set(['2022-11-28', '2026-03-10']);

/** What serving needs beside the parts. */
export interface Desk {
  readonly parts: Parts;
  readonly publicKey: KeyObject;
  readonly base: () => string;
  readonly validate: ((exchange: Exchange) => void) | undefined;
}

/** Serves one operation: faults, authentication, limits, the route itself, ETag, ledger. */
export function serve(server: FastifyInstance, desk: Desk, route: Route): void {
  server.route<{ Params: Record<string, string>; Querystring: Record<string, string> }>({
    method: route.method,
    url: route.url,
    handler: async (request, reply) => {
      await new Serving(desk, route, request, reply).run();
      return reply;
    },
  });
}

type Request = FastifyRequest<{ Params: Record<string, string>; Querystring: Record<string, string> }>;

class Serving {
  private readonly desk: Desk;
  private readonly route: Route;
  private readonly request: Request;
  private readonly reply: FastifyReply;
  private token: Token | undefined;

  constructor(desk: Desk, route: Route, request: Request, reply: FastifyReply) {
    this.desk = desk;
    this.route = route;
    this.request = request;
    this.reply = reply;
  }

  async run(): Promise<void> {
    const fault = this.desk.parts.faults.take(this.route.name, this.ownerOfPath());
    switch (fault?.kind) {
      case '502-before':
        return this.send(badGateway());
      case 'reset-before':
        this.log(0);
        return reset(this.reply);
      case 'hang':
        this.log(0);
        return hang(this.reply);
      case '401':
        return this.send(new Refusal(401, 'Bad credentials').toAnswer());
      case 'primary-limit':
      case 'secondary-limit':
        return this.send(this.limited(fault));
      default:
        return this.spoiled(fault, this.answer(fault?.kind === 'stale'));
    }
  }

  /** The route has had its effect; the fault decides what the caller learns of it. */
  private async spoiled(fault: Fault | undefined, answer: Answer): Promise<void> {
    switch (fault?.kind) {
      case '502-after':
        return this.send(badGateway());
      case 'reset-after':
        this.log(0);
        return reset(this.reply);
      case 'hang-after':
        this.log(0);
        return hang(this.reply);
      case 'slow-body':
        this.log(answer.status);
        return trickle(this.reply, answer.status, answer.body === undefined ? '{}' : toJson(answer.body));
      default:
        this.validate(answer);
        return this.send(this.tagged(answer));
    }
  }

  private answer(stale: boolean): Answer {
    const { parts, publicKey, base } = this.desk;
    const { headers, method, url, params, query, body } = this.request;
    try {
      const version = headers['x-github-api-version'];
      if (parts.profile === 'github.com' && version !== undefined && !VERSIONS.has(String(version))) {
        throw new Refusal(400, 'The version of the API that you requested is not supported.');
      }
      this.token = authenticate(parts, publicKey, this.route.by, headers);
      if (this.token !== undefined && this.route.name !== 'rate-limit' && !parts.limits.spend(this.token.owner.installationId)) {
        return this.limited({ route: '*', kind: 'primary-limit' });
      }
      const call: Call = { method, url, params, query, headers, body, base: base(), stale, token: this.token };
      return this.route.run(call);
    } catch (error) {
      if (error instanceof Refusal) {
        return error.toAnswer();
      }
      throw error;
    }
  }

  /** A 200 to a GET gets an ETag of its own per token; a 304 costs nothing. */
  private tagged(answer: Answer): Answer {
    if (this.token === undefined || this.route.method !== 'GET' || answer.status !== 200) {
      return answer;
    }
    const digest = createHash('sha256').update(this.token.text).update(textOf(answer)).digest('hex');
    const headers = {
      ...answer.headers,
      etag: `W/"${digest}"`,
      'cache-control': 'private, max-age=60, s-maxage=60',
      vary: 'Accept, Authorization',
    };
    if (this.request.headers['if-none-match'] !== headers.etag) {
      return { ...answer, headers };
    }
    this.desk.parts.limits.giveBack(this.token.owner.installationId);
    return { status: 304, headers };
  }

  private limited(fault: Fault): Answer {
    const status = fault.status ?? 403;
    if (fault.kind === 'secondary-limit') {
      const message = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
      const headers = fault.retryAfterSeconds === undefined ? {} : { 'retry-after': String(fault.retryAfterSeconds) };
      return new Refusal(status, message, { headers }).toAnswer();
    }
    const installation = this.token?.owner.installationId;
    const known = installation === undefined ? undefined : this.desk.parts.limits.state(installation).reset;
    const after = Math.ceil(this.desk.parts.world.now() / 1000) + (fault.retryAfterSeconds ?? LIMITED_SECONDS);
    const resetAt = fault.retryAfterSeconds === undefined && known !== undefined ? known : after;
    const headers = {
      'x-ratelimit-limit': '5000',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-used': '5000',
      'x-ratelimit-reset': String(resetAt),
    };
    return new Refusal(status, 'API rate limit exceeded for installation.', { headers }).toAnswer();
  }

  private async send(answer: Answer): Promise<void> {
    this.log(answer.status);
    const { limits, world, profile } = this.desk.parts;
    this.reply.code(answer.status).headers({
      'x-github-request-id': `FAKE:${world.ids.next().toString(16).toUpperCase()}`,
      'x-github-media-type': 'github.v3; format=json',
      ...(profile === 'github.com'
        ? { 'x-github-api-version-selected': this.request.headers['x-github-api-version'] ?? '2022-11-28' }
        : {}),
      ...limits.headers(this.token?.owner.installationId ?? 'app'),
      ...answer.headers,
    });
    if (answer.body === undefined) {
      await this.reply.send();
      return;
    }
    const type = typeof answer.body === 'string' ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8';
    await this.reply.header('content-type', type).send(textOf(answer));
  }

  private validate(answer: Answer): void {
    const pattern = this.route.url.replaceAll(/:(\w+)/gu, '{$1}').replace('*', '{path}');
    this.desk.validate?.({
      method: this.route.method,
      pattern,
      query: this.request.query,
      requestBody: this.request.body,
      status: answer.status,
      responseText: textOf(answer),
    });
  }

  private ownerOfPath(): string | undefined {
    const { owner, installation_id } = this.request.params;
    return owner ?? this.desk.parts.world.installation(installation_id ?? '')?.login;
  }

  private log(status: number): void {
    const installationId = this.token?.owner.installationId ?? this.request.params['installation_id'];
    this.desk.parts.ledger.called({ method: this.route.method, path: this.request.url, route: this.route.name, status, installationId });
  }
}

function badGateway(): Answer {
  return { status: 502, body: { message: 'Server Error' } };
}

function textOf({ body }: Answer): string {
  if (body === undefined) {
    return '';
  }
  return typeof body === 'string' ? body : toJson(body);
}
