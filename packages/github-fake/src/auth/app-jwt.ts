import { type KeyObject, verify } from 'node:crypto';
import { z } from 'zod';
import { Refusal } from '../server/answer.ts';

const headerSchema = z.object({ alg: z.literal('RS256') });
const claimsSchema = z.object({ iat: z.int(), exp: z.int(), iss: z.union([z.string(), z.number()]) });

/** How far GitHub lets the clocks of an App and its own differ, in seconds. */
const SKEW_SECONDS = 5;

/** Checks the JWT of an App as GitHub does, with its texts. Throws Refusal 401. */
export function checkAppJwt(jwt: string, issuers: readonly string[], publicKey: KeyObject, nowMs: number): void {
  const [header = '', payload = '', signature = '', ...more] = jwt.split('.');
  const claims = claimsSchema.safeParse(decoded(payload));
  const signed =
    more.length === 0 &&
    headerSchema.safeParse(decoded(header)).success &&
    verify('RSA-SHA256', Buffer.from(`${header}.${payload}`), publicKey, Buffer.from(signature, 'base64url'));
  if (!signed || !claims.success) {
    throw new Refusal(401, 'A JSON web token could not be decoded');
  }
  const now = Math.floor(nowMs / 1000);
  const { iat, exp, iss } = claims.data;
  if (iat > now + SKEW_SECONDS) {
    throw new Refusal(401, "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued");
  }
  if (exp <= now) {
    throw new Refusal(
      401,
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    );
  }
  if (exp > now + 600 + SKEW_SECONDS) {
    throw new Refusal(401, "'Expiration time' claim ('exp') is too far in the future");
  }
  if (!issuers.includes(String(iss))) {
    throw new Refusal(404, 'Integration not found');
  }
}

function decoded(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString());
  } catch {
    return undefined;
  }
}
