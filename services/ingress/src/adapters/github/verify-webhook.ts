import { isUtf8 } from 'node:buffer';
import { verifyWithFallback } from '@octokit/webhooks-methods';
import type { ReceiveGithubPorts } from '../../application/github/receive-github.ts';

/**
 * Checks the signature of a webhook with every configured secret. The library takes text: bytes that are not UTF-8 would be changed on the way to it,
 * so they are refused as what they are, not signed like this.
 */
export function webhookVerifier([newest = '', ...older]: readonly string[]): ReceiveGithubPorts['isSigned'] {
  return async (body, signature) =>
    body.length > 0 && isUtf8(body) && (await verifyWithFallback(newest, body.toString('utf8'), signature, older));
}
