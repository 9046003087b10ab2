import { describe, expect, it } from 'vitest';
import { searchTerms } from './search-terms.ts';

describe('what is searched for', () => {
  it.each([
    ['evt_01KA', { eventIds: ['evt_01ka'], deliveryIds: [], endpointIds: [], repository: undefined }],
    ['01kahz9m', { eventIds: ['evt_01kahz9m'], deliveryIds: ['dlv_01kahz9m'], endpointIds: ['ep_01kahz9m'] }],
    ['acme', { eventIds: [], tenantIds: ['acme'], correlationId: 'acme', urls: ['https://acme', 'http://acme'] }],
    ['Acme/Web', { repository: 'acme/web', urls: ['https://acme/Web', 'http://acme/Web'], tenantIds: ['Acme/Web', 'acme/web'] }],
    ['HTTPS://Hooks.Example.com/A', { urls: ['https://hooks.example.com/A'], repository: undefined }],
    ['hooks.example.com:8080', { urls: ['https://hooks.example.com:8080', 'http://hooks.example.com:8080'] }],
    ['Order 7', { correlationId: 'Order 7', urls: [], eventIds: [] }],
  ])('may be, when it is %s', (text, terms) => {
    expect(searchTerms(text)).toMatchObject(terms);
  });
});
