import { createHmac, createSecretKey } from 'node:crypto';
import type { Verification } from '@waybill/contracts';
import { equalInConstantTime } from './equal-in-constant-time.ts';
import { invalid, missing, type SignatureVerdict, type SignedRequest } from './signature-verdict.ts';
import { checkTimestamp } from './signed-timestamp.ts';

type StandardWebhooks = Extract<Verification, { kind: 'standard-webhooks' }>;

const PREFIX = 'whsec_';
const VERSION = 'v1,';

/** The key of a secret with or without `whsec_`, padded or not. Empty when there is nothing in it: anyone could sign with that. */
export function keyOfSecret(secret: string): Buffer {
  return Buffer.from(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret, 'base64');
}

function sign(secret: string, content: string, body: Uint8Array): string | undefined {
  const key = keyOfSecret(secret);
  // Node 24 spends 44 µs on an HMAC whose key is plain bytes, and 14 µs when they are wrapped first.
  return key.length === 0 ? undefined : createHmac('sha256', createSecretKey(key)).update(content).update(body).digest('base64');
}

/**
 * Checks a request as Standard Webhooks 1.0.0 says: HMAC-SHA256 over `id.timestamp.body`, several space-separated signatures, of which
 * one `v1` must match one of the secrets. Pure apart from hashing.
 */
export function verifyStandardWebhooks(config: StandardWebhooks, request: SignedRequest): SignatureVerdict {
  const id = request.header('webhook-id');
  const timestamp = request.header('webhook-timestamp');
  const signature = request.header('webhook-signature');
  if (!id) return missing('webhook-id');
  if (!timestamp) return missing('webhook-timestamp');
  if (!signature) return missing('webhook-signature');
  const refusal = checkTimestamp(timestamp, config.toleranceSeconds, request.nowMs);
  if (refusal !== undefined) return refusal;
  const given = signature
    .split(' ')
    .filter((part) => part.startsWith(VERSION))
    .map((part) => part.slice(VERSION.length));
  const content = `${id}.${timestamp}.`;
  for (const secret of [config.secret, ...(config.previousSecrets ?? [])]) {
    const expected = sign(secret, content, request.body);
    if (expected !== undefined && given.some((one) => equalInConstantTime(one, expected))) return undefined;
  }
  return invalid('no v1 signature in webhook-signature matches');
}
