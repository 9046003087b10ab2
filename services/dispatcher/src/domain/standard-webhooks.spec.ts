import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { decodeSecret, signWebhook } from './standard-webhooks.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const OTHER = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
const golden = {
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestampSeconds: 1_614_265_330,
  body: Buffer.from('{"test": 2432232314}'),
};

describe('signing as Standard Webhooks says', () => {
  it('gives the golden signature of the specification', () => {
    expect(signWebhook(golden, [decodeSecret(SECRET)])).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  it('signs the same with and without the prefix', () => {
    expect(signWebhook(golden, [decodeSecret(SECRET.slice('whsec_'.length))])).toBe(signWebhook(golden, [decodeSecret(SECRET)]));
  });

  it.each([SECRET, OTHER])('is accepted by the standardwebhooks package under %s while two secrets overlap', (known) => {
    const now = Math.floor(Date.now() / 1000);
    const body = Buffer.from('{"name":"Grüße","n":1.0}');
    const signature = signWebhook({ id: 'evt_1', timestampSeconds: now, body }, [decodeSecret(SECRET), decodeSecret(OTHER)]);
    const headers = { 'webhook-id': 'evt_1', 'webhook-timestamp': `${now}`, 'webhook-signature': signature };
    expect(() => new Webhook(known).verify(body, headers)).not.toThrow();
  });

  it('is refused by the standardwebhooks package when one byte differs', () => {
    const now = Math.floor(Date.now() / 1000);
    const signature = signWebhook({ id: 'evt_1', timestampSeconds: now, body: Buffer.from('{"a":1}') }, [decodeSecret(SECRET)]);
    const headers = { 'webhook-id': 'evt_1', 'webhook-timestamp': `${now}`, 'webhook-signature': signature };
    expect(() => new Webhook(SECRET).verify('{"a":2}', headers)).toThrow();
  });

  it.each(['', 'whsec_'])('refuses the empty secret "%s"', (secret) => {
    expect(() => decodeSecret(secret)).toThrow(RangeError);
  });
});
