import { randomBytes } from 'node:crypto';
import type { Api } from '../client/api.ts';

/** Names of what the local stack sets up for a first try. */
export const DEMO = { tenant: 'demo', endpoint: 'demo-receiver', githubSource: 'demo-github', webhookSource: 'demo-webhooks' } as const;

/** One thing of the demo, and whether it was made now. */
export interface DemoStep {
  readonly what: string;
  readonly isNew: boolean;
}

/**
 * Sets up a tenant with the local receiver as its endpoint and two sources, at the first start; what an operator removes later stays away. The secret of
 * the GitHub-like source is fixed, so that the README's example works; it guards only the demo.
 */
export async function seedDemo(api: Api, receiverUrl: string): Promise<void> {
  if (!(await api.has(`/v1/tenants/${DEMO.tenant}`))) await makeDemo(api, receiverUrl);
}

/** Makes what is missing of the demo: one source is signed as GitHub does, one by Standard Webhooks. What exists is left as it is, and told so. */
export async function makeDemo(api: Api, receiverUrl: string): Promise<DemoStep[]> {
  const tenant = `/v1/tenants/${DEMO.tenant}`;
  const secret = `whsec_${randomBytes(24).toString('base64')}`;
  const endpoint = { id: DEMO.endpoint, url: `${receiverUrl}/hooks` };
  const github = { id: DEMO.githubSource, tenantId: DEMO.tenant, verification: githubVerification };
  const webhooks = { id: DEMO.webhookSource, tenantId: DEMO.tenant, verification: { kind: 'standard-webhooks', secret } };
  const once = async (what: string, path: string, make: () => Promise<unknown>): Promise<DemoStep> => {
    const isNew = !(await api.has(path));
    if (isNew) await make();
    return { what, isNew };
  };
  const source = (body: typeof github | typeof webhooks): Promise<DemoStep> =>
    once(`source ${body.id}`, `/v1/sources/${body.id}`, () => api.request('POST', '/v1/sources', body));
  return [
    await once(`tenant ${DEMO.tenant}`, tenant, () => api.request('PUT', tenant, { name: 'Demo' })),
    await once(`endpoint ${endpoint.id}, ${endpoint.url}`, `${tenant}/endpoints/${endpoint.id}`, () =>
      api.request('POST', `${tenant}/endpoints`, endpoint),
    ),
    await source(github),
    await source(webhooks),
  ];
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
