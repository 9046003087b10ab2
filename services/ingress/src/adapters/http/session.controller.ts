import { Controller, Inject, Req, Res } from '@nestjs/common';
import { WaybillError } from '@waybill/contracts';
import { LOGGER, type Logger } from '@waybill/runtime';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  makeSessionLink,
  SESSION_SECONDS,
  type SessionLink,
  sessionLinkBodySchema,
  sessionLinkSchema,
  type SessionPorts,
  type SessionView,
  sessionView,
  sessionViewSchema,
  signIn,
  signInBodySchema,
} from '../../application/access/sign-in.ts';
import { originOf } from '../../domain/access/origin.ts';
import { SESSION_COOKIE, sessionOf } from './admission.ts';
import { headerOf, jsonOf, optionalJsonOf } from './http-request.ts';
import { Operation } from './operation.ts';
import { SESSION_PORTS } from './tokens.ts';

const tag = 'session';
const paths = ['/session'];
const shown = { 200: { description: 'Who is signed in; the session itself is in a cookie', schema: sessionViewSchema } };
/** Larger than every key and name. */
const MAX_BODY_BYTES = 8_192;

const COOKIE = { path: '/', secure: true, httpOnly: true, sameSite: 'strict' } as const;

/** Signing in and out of the dashboard. */
@Controller()
export class SessionController {
  readonly #ports: SessionPorts;
  readonly #logger: Logger;

  constructor(@Inject(SESSION_PORTS) ports: SessionPorts, @Inject(LOGGER) logger: Logger) {
    this.#ports = ports;
    this.#logger = logger;
  }

  @Operation({
    method: 'POST',
    paths,
    summary: 'Sign in with a key or a one-time link',
    tag,
    body: signInBodySchema,
    maxBodyBytes: MAX_BODY_BYTES,
    answers: shown,
  })
  signIn(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): SessionView {
    refuseOtherSites(request);
    const session = signIn(this.#ports, jsonOf(request), request.ip);
    void reply.setCookie(SESSION_COOKIE, this.#ports.keys.seal(session), { ...COOKIE, maxAge: SESSION_SECONDS });
    const { role, name } = session;
    this.#logger.info({ event: 'session.opened', role, name, address: request.ip }, 'signed in');
    return sessionView(this.#ports, session);
  }

  @Operation({ method: 'GET', paths, summary: 'Show who is signed in', tag, answers: shown })
  show(@Req() request: FastifyRequest): SessionView {
    const session = sessionOf(this.#ports.keys, request, this.#ports.nowMs());
    if (session === undefined) throw new WaybillError('WB_UNAUTHORIZED', 'nobody is signed in');
    return sessionView(this.#ports, session);
  }

  @Operation({ method: 'DELETE', paths, summary: 'Sign out', tag, answers: { 204: { description: 'The cookie is gone' } } })
  signOut(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): void {
    refuseOtherSites(request);
    void reply.clearCookie(SESSION_COOKIE, COOKIE);
  }

  @Operation({
    method: 'POST',
    paths: ['/v1/session-links'],
    summary: 'Make a link that signs somebody in once, within ten minutes',
    tag,
    body: sessionLinkBodySchema,
    record: 'here',
    answers: { 201: { description: 'The link; whoever has it can use it', schema: sessionLinkSchema } },
  })
  link(@Req() request: FastifyRequest): SessionLink {
    return makeSessionLink(this.#ports, optionalJsonOf(request));
  }
}

/** Another site must not sign anybody in as somebody else, nor out. */
function refuseOtherSites(request: FastifyRequest): void {
  if (originOf(headerOf(request)) === 'elsewhere')
    throw new WaybillError('WB_ORIGIN_DENIED', 'only pages of this address may sign in or out');
}
