import { assertNever, type Verification } from '@waybill/contracts';
import type { SignatureVerdict, SignedRequest } from './signature-verdict.ts';
import { verifyHmac } from './verify-hmac.ts';
import { verifyStandardWebhooks } from './verify-standard-webhooks.ts';

/** Checks a request against the verification of its source; `none` accepts everything. Pure apart from hashing; never throws. */
export function verifySignature(config: Verification, request: SignedRequest): SignatureVerdict {
  switch (config.kind) {
    case 'standard-webhooks':
      return verifyStandardWebhooks(config, request);
    case 'hmac':
      return verifyHmac(config, request);
    case 'none':
      return undefined;
    default:
      return assertNever(config);
  }
}
