import { z } from 'zod';
import type { Delivery } from '../hooks/deliveries.ts';
import { webhookBody } from '../hooks/payload.ts';
import { type Answer, NOT_FOUND, Refusal } from '../server/answer.ts';
import { type Call, bodyOf, nextUrl, param } from '../server/call.ts';
import type { Route } from '../server/route.ts';
import type { Parts } from './parts.ts';

const configBody = z.looseObject({
  url: z.string().optional(),
  content_type: z.string().optional(),
  secret: z.string().optional(),
  insecure_ssl: z.union([z.string(), z.number()]).optional(),
});

/** The App's own webhook: its deliveries, sending them again, where it points. */
export function hookRoutes(parts: Parts): Route[] {
  const { hooks } = parts;
  return [
    { name: 'hook-deliveries', method: 'GET', url: '/app/hook/deliveries', by: 'app', run: (call) => list(parts, call) },
    {
      name: 'hook-deliveries',
      method: 'GET',
      url: '/app/hook/deliveries/:delivery_id',
      by: 'app',
      run: (call) => ({ status: 200, body: fullView(parts, call.base, deliveryOf(parts, call)) }),
    },
    {
      name: 'hook-deliveries',
      method: 'POST',
      url: '/app/hook/deliveries/:delivery_id/attempts',
      by: 'app',
      run: (call) => {
        hooks.redeliver(deliveryOf(parts, call));
        return { status: 202, body: {} };
      },
    },
    { name: 'hook-config', method: 'GET', url: '/app/hook/config', by: 'app', run: () => config(parts) },
    {
      name: 'hook-config',
      method: 'PATCH',
      url: '/app/hook/config',
      by: 'app',
      run: (call) => {
        const { url, secret } = bodyOf(call, configBody);
        hooks.url = url ?? hooks.url;
        hooks.secret = secret ?? hooks.secret;
        return config(parts);
      },
    },
  ];
}

function config({ hooks }: Parts): Answer {
  return {
    status: 200,
    body: { content_type: 'json', insecure_ssl: '0', secret: '********', ...(hooks.url === undefined ? {} : { url: hooks.url }) },
  };
}

function list({ hooks }: Parts, call: Call): Answer {
  const { cursor, status } = call.query;
  const perPage = Math.min(Math.max(Number(call.query['per_page'] ?? 30) || 30, 1), 100);
  if (cursor !== undefined && !/^v1_\d+$/u.test(cursor)) {
    throw new Refusal(422, 'Invalid cursor');
  }
  const below = cursor === undefined ? undefined : BigInt(cursor.slice(3));
  const shown: Delivery[] = [];
  const { all } = hooks.deliveries;
  for (let index = all.length - 1; index >= 0 && shown.length <= perPage; index -= 1) {
    const delivery = all[index];
    if (delivery !== undefined && (below === undefined || BigInt(delivery.id) < below) && hasStatus(delivery, status)) {
      shown.push(delivery);
    }
  }
  const page = shown.slice(0, perPage);
  const last = page.at(-1);
  const headers: Record<string, string> =
    shown.length > perPage && last !== undefined ? { link: `<${nextUrl(call, { cursor: `v1_${last.id}` })}>; rel="next"` } : {};
  return { status: 200, headers, body: page.map((delivery) => view(delivery)) };
}

/** GitHub's `failure` is the codes 400 to 599 only: what was never answered is in neither list. */
function hasStatus({ statusCode }: Delivery, status: string | undefined): boolean {
  if (status === 'failure') {
    return statusCode >= 400 && statusCode <= 599;
  }
  return status !== 'success' || (statusCode >= 200 && statusCode < 400);
}

function deliveryOf({ hooks }: Parts, call: Call): Delivery {
  const delivery = hooks.deliveries.get(param(call, 'delivery_id'));
  if (delivery === undefined) {
    throw NOT_FOUND();
  }
  return delivery;
}

function view(delivery: Delivery): Record<string, unknown> {
  const { run, event, action } = delivery.notice;
  return {
    id: BigInt(delivery.id),
    guid: delivery.guid,
    delivered_at: delivery.deliveredAt,
    redelivery: delivery.redelivery,
    duration: delivery.durationSeconds,
    status: delivery.status,
    status_code: delivery.statusCode,
    event,
    action,
    installation_id: Number(run.repository.owner.installationId),
    repository_id: run.repository.id,
    throttled_at: null,
  };
}

function fullView({ hooks }: Parts, base: string, delivery: Delivery): Record<string, unknown> {
  const payload: unknown = JSON.parse(webhookBody(base, delivery.notice));
  return {
    ...view(delivery),
    url: hooks.url ?? '',
    request: { headers: { 'X-GitHub-Delivery': delivery.guid, 'X-GitHub-Event': delivery.notice.event }, payload },
    response: { headers: {}, payload: delivery.responseBody },
  };
}
