import type { Span } from '@waybill/contracts';

export const hex = (length: number, n: number): string => n.toString(16).padStart(length, '0');

/** A span of trace `trace`, both counted from 1. */
export const span = (trace: number, n: number, over: Partial<Span> = {}): Span => ({
  traceId: hex(32, trace),
  spanId: hex(16, n),
  name: 'work',
  kind: 'internal',
  service: 'ingress',
  region: 'us',
  startMs: 1_000 * trace + n,
  endMs: 1_000 * trace + n + 1,
  attributes: {},
  events: [],
  links: [],
  ...over,
});

/** A request as an exporter sends it, with one span. */
export const otlpOf = (over: object, resource: readonly object[] = []) => ({
  resourceSpans: [
    {
      resource: { attributes: resource },
      scopeSpans: [
        {
          scope: { name: 'waybill' },
          spans: [
            {
              traceId: hex(32, 1),
              spanId: hex(16, 2),
              name: 'POST /v1/x',
              kind: 2,
              startTimeUnixNano: '1700000000123456789',
              endTimeUnixNano: '1700000000223456789',
              ...over,
            },
          ],
        },
      ],
    },
  ],
});
