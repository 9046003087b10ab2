import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';

/** A decoded signing secret; keep it, because decoding costs more than signing. */
export type SigningKey = KeyObject;

const PREFIX = 'whsec_';

/** Decodes a secret of Standard Webhooks, `whsec_` and base64; the prefix may be missing. Throws a RangeError when no bytes are left. */
export function decodeSecret(secret: string): SigningKey {
  const encoded = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret;
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.length === 0) throw new RangeError('the signing secret is empty');
  return createSecretKey(bytes);
}

/** What one attempt signs. `id` is the event id; `timestampSeconds` the time of this attempt, in whole seconds since 1970. */
export interface SignedContent {
  readonly id: string;
  readonly timestampSeconds: number;
  readonly body: Uint8Array;
}

/**
 * The value of `webhook-signature`: `v1,<base64 HMAC-SHA256 of id.timestamp.body>` for each key, separated by spaces, in the order of the keys.
 * Symmetric signatures only. Source: the Standard Webhooks specification, "Signature scheme".
 */
export function signWebhook({ id, timestampSeconds, body }: SignedContent, keys: readonly SigningKey[]): string {
  const head = `${id}.${timestampSeconds}.`;
  return keys.map((key) => `v1,${createHmac('sha256', key).update(head).update(body).digest('base64')}`).join(' ');
}
