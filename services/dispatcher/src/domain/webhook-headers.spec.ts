import { describe, expect, it } from 'vitest';
import { endpointHeaders, isEndpointHeader } from './webhook-headers.ts';

describe('headers of an endpoint', () => {
  it.each(['authorization', 'X-Api-Key', 'content-type', 'User-Agent', 'traceparent'])('may include %s', (name) => {
    expect(isEndpointHeader(name, 'value')).toBe(true);
  });

  it.each([
    'Host',
    'content-length',
    'Transfer-Encoding',
    'connection',
    'Upgrade',
    'expect',
    'TE',
    'webhook-id',
    'Webhook-Signature',
    'waybill-attempt',
    'bad name',
    'x:y',
    '',
  ])('may not include "%s"', (name) => expect(isEndpointHeader(name, 'value')).toBe(false));

  it.each(['a\r\nhost: b', 'a\nb', 'nul\0', '€'])('may not have the value %j', (value) =>
    expect(isEndpointHeader('x-key', value)).toBe(false),
  );

  it('win over the defaults and never replace the rest', () => {
    const headers = endpointHeaders({ 'Content-Type': 'application/cloudevents+json', Host: 'internal', 'x-key': 'k' }, 'Waybill/1');
    expect(headers).toEqual(['user-agent', 'Waybill/1', 'Content-Type', 'application/cloudevents+json', 'x-key', 'k']);
  });
});
