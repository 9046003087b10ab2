import type { KeyObject } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { checkAppJwt } from '../auth/app-jwt.ts';
import type { Token } from '../auth/tokens.ts';
import type { Parts } from '../routes/parts.ts';
import { Refusal } from './answer.ts';
import type { Route } from './route.ts';

/** The token of a call, undefined for the App itself. Throws Refusal: 401 when it is not who the route asks for, 403 when suspended. */
export function authenticate(parts: Parts, publicKey: KeyObject, by: Route['by'], headers: IncomingHttpHeaders): Token | undefined {
  if (by === 'anybody') {
    return undefined;
  }
  const [, credentials] = /^(?:bearer|token) (.+)$/iu.exec(headers.authorization ?? '') ?? [];
  if (credentials === undefined) {
    throw new Refusal(401, 'Requires authentication');
  }
  const now = parts.world.now();
  if (by === 'app') {
    checkAppJwt(credentials, [parts.app.id, parts.app.clientId], publicKey, now);
    return undefined;
  }
  const token = parts.tokens.find(credentials, now);
  if (token === undefined || !token.owner.installed) {
    throw new Refusal(401, 'Bad credentials');
  }
  if (token.owner.suspendedAt !== undefined) {
    throw new Refusal(403, 'This installation has been suspended');
  }
  return token;
}
