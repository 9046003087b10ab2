import { randomBytes } from 'node:crypto';
import { type Api, ApiError } from '../client/api.ts';

/** Names of what the local stack sets up for a first try. */
export const DEMO = { tenant: 'demo', endpoint: 'demo-receiver', githubSource: 'demo-github', webhookSource: 'demo-webhooks' } as const;

/**
 * Sets up a tenant with the local receiver as its endpoint and two sources: one signed as GitHub does, one by Standard Webhooks.
 * What exists is left as it is. The secret of the GitHub-like source is fixed, so that the README's example works; it guards only the demo.
 */
export async function seedDemo(api: Api, receiverUrl: string): Promise<void> {
  if (await exists(api, `/v1/tenants/${DEMO.tenant}`)) return;
  await api.request('PUT', `/v1/tenants/${DEMO.tenant}`, { name: 'Demo' });
  await unlessThere(api.request('POST', `/v1/tenants/${DEMO.tenant}/endpoints`, { id: DEMO.endpoint, url: `${receiverUrl}/hooks` }));
  await unlessThere(api.request('POST', '/v1/sources', { id: DEMO.githubSource, tenantId: DEMO.tenant, verification: githubVerification }));
  const secret = `whsec_${randomBytes(24).toString('base64')}`;
  await unlessThere(
    api.request('POST', '/v1/sources', {
      id: DEMO.webhookSource,
      tenantId: DEMO.tenant,
      verification: { kind: 'standard-webhooks', secret },
    }),
  );
}

export const DEMO_GITHUB_SECRET = 'demo-github-secret';
const githubVerification = {
  kind: 'hmac',
  secret: DEMO_GITHUB_SECRET,
  header: 'x-hub-signature-256',
  algorithm: 'sha256',
  encoding: 'hex',
  prefix: 'sha256=',
};

async function exists(api: Api, path: string): Promise<boolean> {
  try {
    await api.get(path);
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return false;
    throw error;
  }
}

async function unlessThere(request: Promise<unknown>): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 409)) throw error;
  }
}
