import { createHmac } from 'node:crypto';
import { type Verification, verificationSchema } from '@waybill/contracts';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { verifySignature } from './verify-signature.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const OLD_SECRET = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
const AT = 1_614_265_330;
const BODY = '{"test": 2432232314}';
const golden = {
  'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  'webhook-timestamp': String(AT),
  'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};

type Headers = Record<string, string>;
interface Case {
  readonly config: unknown;
  readonly headers: Headers;
  readonly body?: string;
  readonly nowSeconds?: number;
}

function verdict({ config, headers, body = BODY, nowSeconds = AT }: Case): string {
  const verification: Verification = verificationSchema.parse(config);
  const request = { header: (name: string) => headers[name], body: Buffer.from(body), nowMs: nowSeconds * 1000 };
  return verifySignature(verification, request)?.code ?? 'good';
}

const hmac = (algorithm: string, key: string, content: string, encoding: 'hex' | 'base64'): string =>
  createHmac(algorithm, key).update(content).digest(encoding);

describe('standard-webhooks', () => {
  const config = { kind: 'standard-webhooks', secret: SECRET };
  const check = (headers: Headers, more: Partial<Case> = {}): string => verdict({ config, headers, ...more });

  it('accepts the golden vector', () => expect(check(golden)).toBe('good'));

  it('accepts what the reference library signs, and only that', () => {
    const signature = new Webhook(SECRET).sign('evt_1', new Date(AT * 1000), 'päyload');
    const headers = { 'webhook-id': 'evt_1', 'webhook-timestamp': String(AT), 'webhook-signature': signature };
    expect(check(headers, { body: 'päyload' })).toBe('good');
    expect(check(headers, { body: 'payload' })).toBe('WB_SIGNATURE_INVALID');
  });

  it.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])('misses %s', (name) => {
    expect(check({ ...golden, [name]: '' })).toBe('WB_SIGNATURE_MISSING');
    const { [name as keyof typeof golden]: _gone, ...rest } = golden;
    expect(check(rest)).toBe('WB_SIGNATURE_MISSING');
  });

  it('accepts five minutes of difference both ways, and not a second more', () => {
    expect(check(golden, { nowSeconds: AT + 300 })).toBe('good');
    expect(check(golden, { nowSeconds: AT - 300 })).toBe('good');
    expect(check(golden, { nowSeconds: AT + 301 })).toBe('WB_TIMESTAMP_STALE');
    expect(check(golden, { nowSeconds: AT - 301 })).toBe('WB_TIMESTAMP_STALE');
  });

  it.each(['abc', '1e9', '0x60378e32', '-1', '1614265330.5', '99999999999999'])('refuses the timestamp %s', (timestamp) =>
    expect(check({ ...golden, 'webhook-timestamp': timestamp })).toBe('WB_SIGNATURE_INVALID'),
  );

  it.each([
    ['another id', { 'webhook-id': 'msg_other' }],
    ['another time', { 'webhook-timestamp': String(AT + 1) }],
    ['a cut signature', { 'webhook-signature': golden['webhook-signature'].slice(0, -5) }],
    ['no version', { 'webhook-signature': golden['webhook-signature'].slice(3) }],
    ['another version', { 'webhook-signature': golden['webhook-signature'].replace('v1', 'v1a') }],
  ])('refuses a signature with %s', (_what, change) => expect(check({ ...golden, ...change })).toBe('WB_SIGNATURE_INVALID'));

  it('finds the good one among several signatures', () => {
    const several = `v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= v2,x ${golden['webhook-signature']}`;
    expect(check({ ...golden, 'webhook-signature': several })).toBe('good');
  });

  it('takes a secret without prefix, and one without padding', () => {
    expect(verdict({ config: { ...config, secret: SECRET.slice(6) }, headers: golden })).toBe('good');
    const unpadded = 'whsec_MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NQ';
    const headers = { ...golden, 'webhook-signature': new Webhook(`${unpadded}==`).sign(golden['webhook-id'], new Date(AT * 1000), BODY) };
    expect(verdict({ config: { ...config, secret: unpadded }, headers })).toBe('good');
  });

  it('accepts a previous secret while it is listed', () => {
    expect(verdict({ config: { kind: 'standard-webhooks', secret: OLD_SECRET, previousSecrets: [SECRET] }, headers: golden })).toBe('good');
    expect(verdict({ config: { kind: 'standard-webhooks', secret: OLD_SECRET }, headers: golden })).toBe('WB_SIGNATURE_INVALID');
  });

  it('never signs with an empty key, which anyone could do', () => {
    const content = `${golden['webhook-id']}.${AT}.${BODY}`;
    const headers = { ...golden, 'webhook-signature': `v1,${hmac('sha256', '', content, 'base64')}` };
    expect(verdict({ config: { ...config, previousSecrets: ['', 'whsec_', '!!'] }, headers })).toBe('WB_SIGNATURE_INVALID');
  });
});

describe('hmac like GitHub: sha256=<hex> over the body', () => {
  const config = { kind: 'hmac', secret: "It's a Secret to Everybody", header: 'X-Hub-Signature-256', prefix: 'sha256=' };
  const body = 'Hello, World!';
  // The example of GitHub's documentation on validating webhook deliveries.
  const signature = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';
  const check = (value: string | undefined, text: string = body): string =>
    verdict({ config, headers: value === undefined ? {} : { 'x-hub-signature-256': value }, body: text });

  it('accepts the documented example', () => expect(check(signature)).toBe('good'));
  it('accepts upper-case digits', () => expect(check(`sha256=${signature.slice(7).toUpperCase()}`)).toBe('good'));
  it('refuses another body', () => expect(check(signature, 'Hello, World')).toBe('WB_SIGNATURE_INVALID'));
  it('refuses a signature without its prefix', () => expect(check(signature.slice(7))).toBe('WB_SIGNATURE_INVALID'));
  it('refuses an empty signature', () => expect(check('sha256=')).toBe('WB_SIGNATURE_INVALID'));
  it('misses the header', () => {
    expect(check(undefined)).toBe('WB_SIGNATURE_MISSING');
    expect(check('')).toBe('WB_SIGNATURE_MISSING');
  });
  it('accepts a previous secret', () => {
    const rotated = { ...config, secret: 'new', previousSecrets: [config.secret] };
    expect(verdict({ config: rotated, headers: { 'x-hub-signature-256': signature }, body })).toBe('good');
  });
});

describe('hmac like Stripe: t=…,v1=… in one header', () => {
  const config = { kind: 'hmac', secret: 'whsec_test', header: 'stripe-signature', parameter: 'v1', timestamp: { parameter: 't' } };
  const good = hmac('sha256', 'whsec_test', `${AT}.${BODY}`, 'hex');
  const check = (value: string, nowSeconds = AT): string => verdict({ config, headers: { 'stripe-signature': value }, nowSeconds });

  it('accepts it', () => expect(check(`t=${AT},v1=${good},v0=old`)).toBe('good'));
  it('finds the good one of several v1, with blanks', () => expect(check(`t=${AT}, v1=${'0'.repeat(64)}, v1=${good}`)).toBe('good'));
  it('ignores other schemes', () => expect(check(`t=${AT},v0=${good}`)).toBe('WB_SIGNATURE_INVALID'));
  it('misses the time', () => expect(check(`v1=${good}`)).toBe('WB_SIGNATURE_MISSING'));
  it('refuses a changed time', () => expect(check(`t=${AT + 1},v1=${good}`)).toBe('WB_SIGNATURE_INVALID'));
  it('refuses an old one', () => expect(check(`t=${AT},v1=${good}`, AT + 301)).toBe('WB_TIMESTAMP_STALE'));
});

describe('hmac like Shopify: base64 over the body', () => {
  const config = { kind: 'hmac', secret: 'hush', header: 'X-Shopify-Hmac-Sha256', encoding: 'base64' };
  const good = hmac('sha256', 'hush', BODY, 'base64');
  const check = (value: string): string => verdict({ config, headers: { 'x-shopify-hmac-sha256': value } });

  it('accepts it, padded or not', () => {
    expect(check(good)).toBe('good');
    expect(check(good.replace(/=+$/, ''))).toBe('good');
  });
  it('is case-sensitive', () => expect(check(good.toLowerCase())).toBe('WB_SIGNATURE_INVALID'));
  it('refuses hex where base64 is due', () => expect(check(hmac('sha256', 'hush', BODY, 'hex'))).toBe('WB_SIGNATURE_INVALID'));
});

describe('hmac like Slack: v0:{timestamp}:{body} with the time in a header of its own', () => {
  const timestamp = { header: 'X-Slack-Request-Timestamp', signedContent: 'v0:{timestamp}:{body}' };
  const config = { kind: 'hmac', secret: 'slack', header: 'X-Slack-Signature', prefix: 'v0=', timestamp };
  const good = `v0=${hmac('sha256', 'slack', `v0:${AT}:${BODY}`, 'hex')}`;
  const check = (time: string | undefined, nowSeconds = AT): string => {
    const headers: Headers = { 'x-slack-signature': good };
    if (time !== undefined) headers['x-slack-request-timestamp'] = time;
    return verdict({ config, headers, nowSeconds });
  };

  it('accepts it', () => expect(check(String(AT))).toBe('good'));
  it('misses the time', () => expect(check(undefined)).toBe('WB_SIGNATURE_MISSING'));
  it('refuses an old one', () => expect(check(String(AT), AT + 400)).toBe('WB_TIMESTAMP_STALE'));
  it('refuses a changed time', () => expect(check(String(AT + 2))).toBe('WB_SIGNATURE_INVALID'));
});

it.each(['sha1', 'sha256', 'sha384', 'sha512'])('hmac speaks %s', (algorithm) => {
  const headers = { 'x-sig': hmac(algorithm, 'k', BODY, 'hex') };
  expect(verdict({ config: { kind: 'hmac', secret: 'k', header: 'X-Sig', algorithm }, headers })).toBe('good');
  expect(verdict({ config: { kind: 'hmac', secret: 'l', header: 'X-Sig', algorithm }, headers })).toBe('WB_SIGNATURE_INVALID');
});

it('none accepts everything', () => expect(verdict({ config: { kind: 'none' }, headers: {} })).toBe('good'));
