import { z } from 'zod';
import type { HookDelivery } from '../answers.ts';
import { type Asking, readAnswer } from '../call/asking.ts';
import { githubId } from '../call/github-ids.ts';
import type { GithubApp } from '../github-app.ts';
import { nextPage } from './pages.ts';

const listedSchema = z.array(
  z.object({
    id: githubId,
    guid: z.string(),
    delivered_at: z.string(),
    event: z.string(),
    action: z.string().nullish(),
    status_code: z.int(),
    redelivery: z.boolean(),
  }),
);
const appSchema = z.object({ slug: z.string().min(1) });

export async function listHookDeliveries(asking: Asking, cursor: string | undefined): ReturnType<GithubApp['hookDeliveries']> {
  const params = { per_page: 100, ...(cursor === undefined ? {} : { cursor }) };
  const answer = await asking.asApp({ method: 'GET', path: '/app/hook/deliveries', params });
  const deliveries = readAnswer(listedSchema, answer).map((entry): HookDelivery => ({
    id: entry.id,
    guid: entry.guid,
    deliveredAt: entry.delivered_at,
    event: entry.event,
    action: entry.action ?? undefined,
    statusCode: entry.status_code,
    isRedelivery: entry.redelivery,
  }));
  return { deliveries, next: nextPage(answer, 'cursor') };
}

export async function redeliverHook(asking: Asking, deliveryId: string): Promise<void> {
  await asking.asApp({ method: 'POST', path: '/app/hook/deliveries/{id}/attempts', params: { id: deliveryId } });
}

/** Login of what an App does. */
export async function askBotLogin(asking: Asking): Promise<string> {
  return `${readAnswer(appSchema, await asking.asApp({ method: 'GET', path: '/app' })).slug}[bot]`;
}
