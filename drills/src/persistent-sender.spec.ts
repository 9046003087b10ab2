import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pause } from '@waybill/bench';
import { afterEach, describe, expect, it } from 'vitest';
import { PersistentSender } from './persistent-sender.ts';

let server: Server | undefined;
afterEach(() => new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve()))));

/** A door that answers the tries of each event in turn with these statuses; the last one stays. */
async function door(...statuses: number[]): Promise<{ url: string; keys: string[] }> {
  const keys: string[] = [];
  const listening = createServer((request, response) => {
    const key = String(request.headers['idempotency-key']);
    const status = statuses[Math.min(keys.filter((seen) => seen === key).length, statuses.length - 1)] ?? 500;
    keys.push(key);
    request.resume();
    response.writeHead(status).end(JSON.stringify({ id: `evt_${key}` }));
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(listening.address() as AddressInfo).port}`, keys };
}

const senderTo = (url: string): PersistentSender =>
  new PersistentSender({
    url,
    ratePerSecond: 1_000,
    eventTypes: 2,
    request: (n) => ({ method: 'POST', path: '/', headers: { 'idempotency-key': `k${n}` }, body: '{}' }),
  });

async function send(sender: PersistentSender, events: number): Promise<number> {
  sender.start();
  while (sender.counts.started < events) await pause(1);
  return sender.stop(5_000);
}

describe('the sender that does not give up', () => {
  it('sends an event again under the same key until it is accepted', async () => {
    const { keys, url } = await door(503, 500, 202);
    const sender = senderTo(url);
    expect(await send(sender, 3)).toBe(0);
    const { accepted, answers, retried, started } = sender.counts;
    expect(accepted).toBe(started);
    expect(retried).toBe(started);
    expect(answers).toEqual({ 202: started, 500: started, 503: started });
    expect(keys.filter((key) => key === 'k0').length).toBe(3);
    expect(sender.accepted.find(({ id }) => id === 'evt_k1')?.tag).toBe(1);
  });

  it('does not insist when trying again cannot help', async () => {
    const { url } = await door(422);
    const sender = senderTo(url);
    expect(await send(sender, 1)).toBe(0);
    expect(sender.counts.accepted).toBe(0);
    expect(sender.rejected[0]).toMatch(/^event 0: 422/);
  });

  it('says how many were never accepted', async () => {
    const { url } = await door(503);
    const sender = senderTo(url);
    sender.start();
    while (sender.counts.started < 2) await pause(1);
    expect(await sender.stop(50)).toBeGreaterThanOrEqual(2);
  });
});
