import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { arrivedId, canaryRequest, sourceSecretOf } from './canary-event.ts';

const SECRET = sourceSecretOf('wbk_an_admin_key');
const nowMs = Date.now();
const event = { id: 'canary_1', region: 'us-central1', nowMs };
const { headers, body } = canaryRequest(SECRET, event);
const arrival = (change: Readonly<Record<string, string>> = {}, text = body) => ({
  header: (name: string) => ({ ...headers, ...change })[name] ?? '',
  body: text,
  nowMs,
});

describe('a canary event', () => {
  it('is signed as Standard Webhooks says', () => {
    expect(new Webhook(SECRET).verify(body, headers)).toEqual({ type: 'canary.sent', data: { id: 'canary_1', region: 'us-central1' } });
  });

  it('has a secret that follows from the admin key and from nothing else', () => {
    expect(sourceSecretOf('wbk_an_admin_key')).toBe(SECRET);
    expect(sourceSecretOf('wbk_another_key')).not.toBe(SECRET);
  });

  it('is known again when it arrives, also under one of several signatures', () => {
    expect(arrivedId(SECRET, arrival())).toBe('canary_1');
    expect(arrivedId(SECRET, arrival({ 'webhook-signature': `v1,AAAA ${headers['webhook-signature']}` }))).toBe('canary_1');
  });

  it.each([
    ['another secret', arrivedId(sourceSecretOf('wbk_another_key'), arrival())],
    ['no signature', arrivedId(SECRET, arrival({ 'webhook-signature': '' }))],
    ['another body', arrivedId(SECRET, arrival({}, body.replace('canary_1', 'canary_2')))],
    ['another id', arrivedId(SECRET, arrival({ 'webhook-id': 'canary_2' }))],
    ['an old timestamp', arrivedId(SECRET, { ...arrival(), nowMs: nowMs + 301_000 })],
    ['a timestamp that is no number', arrivedId(SECRET, arrival({ 'webhook-timestamp': '1e9' }))],
  ])('is not known with %s', (_, id) => {
    expect(id).toBeUndefined();
  });
});
