import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { Dispatcher } from 'undici';
import type { LoadSettings } from './messages.ts';

export type EventRequest = Dispatcher.DispatchOptions & { readonly body: string };

type Wanted = Pick<LoadSettings, 'adminKey' | 'tenant' | 'source' | 'secret' | 'via' | 'payloadBytes' | 'eventTypes' | 'run'>;

/** Builds the request of event number `n`: a webhook signed as Standard Webhooks says, or a call of the API. `nowMs` is wall-clock time. */
export function eventRequests(wanted: Wanted): (n: number, nowMs: number) => EventRequest {
  const key = createSecretKey(wanted.secret.replace(/^whsec_/, ''), 'base64');
  const padding = 'x'.repeat(Math.max(0, wanted.payloadBytes - JSON.stringify(payload(0, '')).length));
  return (n, nowMs) => {
    const data = JSON.stringify(payload(n, padding));
    const type = `bench.t${n % wanted.eventTypes}`;
    const id = `${wanted.run}_${n}`;
    const isWebhook = wanted.via === 'webhook' || (wanted.via === 'both' && n % 2 === 0);
    return isWebhook ? webhook(wanted.source, { id, key, type, data, nowMs }) : apiCall(wanted, { id, type, data });
  };
}

const payload = (n: number, padding: string) => ({ order: { id: n, total: 99.5, currency: 'EUR' }, padding });

interface Signed {
  readonly id: string;
  readonly key: KeyObject;
  readonly type: string;
  readonly data: string;
  readonly nowMs: number;
}

function webhook(source: string, { id, key, type, data, nowMs }: Signed): EventRequest {
  const body = `{"type":"${type}","data":${data}}`;
  const seconds = String(Math.floor(nowMs / 1_000));
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
  return {
    method: 'POST',
    path: `/webhooks/${source}`,
    headers: { 'content-type': 'application/json', 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': `v1,${signature}` },
    body,
  };
}

function apiCall({ tenant, adminKey }: Wanted, { id, type, data }: Pick<Signed, 'id' | 'type' | 'data'>): EventRequest {
  return {
    method: 'POST',
    path: `/v1/tenants/${tenant}/events`,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${adminKey}`, 'idempotency-key': id },
    body: `{"eventType":"${type}","data":${data}}`,
  };
}
