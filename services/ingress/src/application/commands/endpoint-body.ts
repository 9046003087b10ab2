import { endpointSchema, REGION_ID, signingSecretSchema } from '@waybill/contracts';
import { z } from 'zod';

const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/;
const HEADER_VALUE = /^[\t\u0020-\u007e\u0080-\u00ff]{0,4096}$/;
/** Set by the sender of deliveries itself, or hop by hop: an endpoint may not choose them. */
const RESERVED_HEADER =
  /^(?:host|content-length|content-type|transfer-encoding|connection|keep-alive|upgrade|te|trailer|expect|proxy-.*|webhook-.*|traceparent|tracestate)$/i;

function urlProblem(text: string): string | undefined {
  if (!URL.canParse(text)) return 'this is not a URL';
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'use http or https';
  if (url.username !== '' || url.password !== '') return 'put no credentials into the URL; use headers';
  return undefined;
}

const urlSchema = z
  .string()
  .max(2048)
  .superRefine((text, context) => {
    const problem = urlProblem(text);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  });

const headersSchema = z
  .record(z.string(), z.string().regex(HEADER_VALUE, 'use at most 4096 printable characters'))
  .superRefine((headers, context) => {
    const names = Object.keys(headers);
    if (names.length > 20) context.addIssue({ code: 'custom', message: 'use at most 20 headers' });
    for (const name of names) {
      if (!HEADER_NAME.test(name)) context.addIssue({ code: 'custom', path: [name], message: 'this is not a header name' });
      else if (RESERVED_HEADER.test(name)) context.addIssue({ code: 'custom', path: [name], message: 'this header is set by Waybill' });
    }
  });

const { filter, rateLimit, ordering, traceContext } = endpointSchema.shape;
const eventTypes = endpointSchema.shape.eventTypes.unwrap().min(1).max(100);
const region = z.string().regex(REGION_ID, 'use the id of a region');
const retrySchedule = z.array(z.number().min(1).max(604_800)).min(1).max(50);

/** The body of `POST /v1/tenants/{tenantId}/endpoints`. Without `id` and `secret` both are made. */
export const endpointBodySchema = z
  .strictObject({
    id: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,64}$/, 'use 1-64 letters, digits, _ or -')
      .optional(),
    url: urlSchema,
    eventTypes: eventTypes.default(['*']),
    filter,
    region: region.optional(),
    rateLimit,
    ordering,
    traceContext,
    headers: headersSchema.optional(),
    retrySchedule: retrySchedule.optional(),
    disabled: z.boolean().optional(),
    secret: signingSecretSchema.optional(),
  })
  .meta({ id: 'EndpointBody' });

/** The body of `PATCH /v1/tenants/{tenantId}/endpoints/{id}`: what is absent stays, `null` removes. */
export const endpointPatchSchema = z
  .strictObject({
    url: urlSchema.optional(),
    eventTypes: eventTypes.optional(),
    filter: filter.nullable(),
    region: region.nullable().optional(),
    rateLimit: rateLimit.nullable(),
    ordering: ordering.nullable(),
    traceContext: traceContext.nullable(),
    headers: headersSchema.nullable().optional(),
    retrySchedule: retrySchedule.nullable().optional(),
    disabled: z.boolean().optional(),
  })
  .meta({ id: 'EndpointPatch' });

/** The body of `POST .../secret/rotate`. The old secrets sign too, for `overlapSeconds` more. */
export const rotateSecretSchema = z
  .strictObject({ secret: signingSecretSchema.optional(), overlapSeconds: z.int().min(0).max(604_800).default(86_400) })
  .meta({ id: 'RotateSecret' });

/** An endpoint as it is shown: its secrets only by `GET .../secret`. */
export const endpointViewSchema = endpointSchema.omit({ secrets: true }).meta({ id: 'Endpoint' });
export type EndpointView = z.output<typeof endpointViewSchema>;
