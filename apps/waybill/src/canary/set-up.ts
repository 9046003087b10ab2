import { z } from 'zod';
import type { Api } from '../client/api.ts';
import { CANARY, sourceSecretOf } from './canary-event.ts';

export interface CanaryWishes {
  readonly adminKey: string;
  /** Where dispatchers reach the canary; absent: its events are delivered to nobody. */
  readonly receiverUrl: string | undefined;
}

/** What takes the endpoint's place in an installation where nobody waits for deliveries: a name that never resolves (RFC 2606), and nothing is sent there. */
const NOWHERE = 'https://canary.invalid/';

const TENANT = `/v1/tenants/${CANARY.tenant}`;
const ENDPOINT = `${TENANT}/endpoints/${CANARY.endpoint}`;
const endpointSchema = z.object({ url: z.string(), disabled: z.object({}).optional() });
const secretSchema = z.object({ key: z.string() });

/**
 * Makes the canary's tenant, its endpoint and its source what they should be, through the API of one region; the registry brings them to the others. Again and again
 * is fine. Resolves with the secret that signs what arrives. Without a receiver the endpoint is a disabled one, because a tenant without any endpoint would be
 * served by the region's `webhook_url`.
 */
export async function setUpCanary(api: Api, { adminKey, receiverUrl }: CanaryWishes): Promise<string> {
  if (!(await api.has(TENANT))) await api.request('PUT', TENANT, { name: 'Canary (waybill canary)' });
  const wanted = { url: receiverUrl ?? NOWHERE, disabled: receiverUrl === undefined };
  if (!(await api.has(ENDPOINT))) await api.request('POST', `${TENANT}/endpoints`, { id: CANARY.endpoint, ...wanted });
  const { url, disabled } = endpointSchema.parse(await api.get(ENDPOINT));
  if (url !== wanted.url || (disabled !== undefined) !== wanted.disabled) await api.request('PATCH', ENDPOINT, wanted);
  const verification = { kind: 'standard-webhooks', secret: sourceSecretOf(adminKey) };
  await api.request('PUT', `/v1/sources/${CANARY.source}`, { tenantId: CANARY.tenant, verification });
  return secretSchema.parse(await api.get(`${ENDPOINT}/secret`)).key;
}

/** Whether a region knows the canary's source. False also when it cannot be asked. */
export const knowsCanary = (api: Api): Promise<boolean> => api.has(`/v1/sources/${CANARY.source}`).catch(() => false);
