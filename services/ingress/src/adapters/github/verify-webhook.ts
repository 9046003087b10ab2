import { isUtf8 } from 'node:buffer';
import { verify } from '@octokit/webhooks-methods';
import type { ReceiveGithubPorts } from '../../application/github/receive-github.ts';

/**
 * Checks the signature of a webhook with every configured secret, each time with all of them. The library takes text: bytes that are not UTF-8 would
 * be changed on the way to it, so nobody has signed what they are.
 */
export function webhookVerifier(secrets: readonly string[]): ReceiveGithubPorts['isSigned'] {
  return async (body, signature) => {
    if (body.length === 0 || !isUtf8(body)) return false;
    const text = body.toString('utf8');
    const verdicts = await Promise.all(secrets.map((secret) => verify(secret, text, signature)));
    return verdicts.includes(true);
  };
}
