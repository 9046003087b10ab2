import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fastifyStatic } from '@fastify/static';
import { WaybillError } from '@waybill/contracts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** Addresses of the dashboard's pages, in Fastify's notation: each is answered with the same document. A test compares them with `apps/dashboard/src/app.tsx`. */
export const DASHBOARD_PAGES = [
  '/',
  '/events',
  '/events/:id',
  '/traces/:id',
  '/deliveries',
  '/deliveries/:id',
  '/dead-letters',
  '/endpoints',
  '/endpoints/:tenantId/:id',
  '/dispatches',
  '/dispatches/:id',
  '/schemas',
  '/jobs',
  '/jobs/:id',
  '/audit',
  '/settings',
] as const;

/** With a slash behind they are the same to the dashboard, and so to whoever types them. */
const SPELLINGS = DASHBOARD_PAGES.flatMap((page) => (page === '/' ? [page] : [page, `${page}/`]));

/** The page may load, ask and show what comes from this very address, and nothing else; it may make no script and no HTML of texts; nobody may put it into a frame. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
  "frame-ancestors 'none'",
].join('; ');

const DOCUMENT_HEADERS = {
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cache-control': 'no-cache',
};
/** Without validators: an image may be built with the same times, and names of assets of the same length, and `304` would then keep what names assets that are gone. */
const DOCUMENT = { cacheControl: false, etag: false, lastModified: false };

/** Throws WB_CONFIG_INVALID when the folder of the dashboard holds none. */
export function requireDashboard(dir: string | undefined): void {
  if (dir !== undefined && !existsSync(join(dir, 'index.html')))
    throw new WaybillError('WB_CONFIG_INVALID', `DASHBOARD_DIR: ${dir} has no index.html; "npm run build" makes one`);
}

/** Addresses that programs use: what is missing there is told as a problem, whoever asks. */
const OF_PROGRAMS = /^\/(?:v1|admin|webhooks|internal|health|metrics|session|assets|openapi\.json)(?:[/?]|$)/;

/**
 * Answers a browser that goes to an address where nothing is, such as one that was mistyped, with the dashboard, which says so and leads on; the status stays 404. False:
 * nothing was answered.
 */
export function showLost(dir: string | undefined, request: FastifyRequest, reply: FastifyReply): boolean {
  const isLooking = request.method === 'GET' && request.headers.accept?.includes('text/html') === true;
  if (dir === undefined || !isLooking || OF_PROGRAMS.test(request.url)) return false;
  void reply.code(404).headers(DOCUMENT_HEADERS).sendFile('index.html', resolve(dir), DOCUMENT);
  return true;
}

function absent(): never {
  throw new WaybillError('WB_NOT_FOUND', 'this ingress serves no dashboard: DASHBOARD_DIR is not set');
}

/** Serves the dashboard from the folder that its build made; undefined: there is none, and every page says so. */
export function serveDashboard(fastify: FastifyInstance, path: string | undefined): void {
  if (path === undefined) {
    for (const page of SPELLINGS) fastify.get(page, absent);
    return;
  }
  const dir = resolve(path);
  // The names of assets carry a hash of what is in them.
  const assets = {
    root: join(dir, 'assets'),
    prefix: '/assets/',
    index: false,
    immutable: true,
    maxAge: '365d',
    preCompressed: true,
  } as const;
  void fastify.register(fastifyStatic, { ...assets, dotfiles: 'ignore' });
  for (const page of SPELLINGS)
    fastify.get(page, (_request, reply) => reply.headers(DOCUMENT_HEADERS).sendFile('index.html', dir, DOCUMENT));
}
