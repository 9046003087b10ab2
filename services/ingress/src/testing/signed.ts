import { createHmac } from 'node:crypto';
import { SECRET } from './ingress-under-test.ts';

let ids = 0;

/** Headers of Standard Webhooks for a body, each time under another id. */
export function signed(body: string | Buffer, at = new Date()): Record<string, string> {
  const id = `msg_${(ids += 1)}`;
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
