import { expect, it } from 'vitest';
import { actWords } from './act-words.ts';

it.each([
  [
    'PATCH /v1/tenants/:tenantId/endpoints/:id',
    { tenantId: 'acme', id: 'ep/1' },
    { what: 'changed endpoint', to: { name: 'ep/1', href: '/endpoints/acme/ep%2F1' } },
  ],
  [
    'PUT /v1/tenants/:tenantId',
    { tenantId: 'acme' },
    { what: 'made or changed tenant', to: { name: 'acme', href: '/endpoints?tenantId=acme' } },
  ],
  ['POST /v1/jobs/:id/pause', { id: 'job_1' }, { what: 'paused job', to: { name: 'job_1', href: '/jobs/job_1' } }],
  ['POST /admin/failover/:region', { region: 'eu' }, { what: 'failed over', to: { name: 'eu', href: '/' } }],
  ['POST /v1/deliveries/:id/skip', { id: 'dlv_1' }, { what: 'gave up delivery', to: { name: 'dlv_1' } }],
  ['POST /v1/dead-letters/redrive', {}, { what: 'planned a redrive' }],
  ['POST /v9/of-a-newer-version/:x', { x: 'y' }, { what: 'POST /v9/of-a-newer-version/:x', to: { name: 'y' } }],
])('%s', (action, about, words) => expect(actWords({ action, about })).toEqual(words));
