import { WaybillError } from '@waybill/contracts';
import type { FastifyRequest } from 'fastify';
import { parsePayload } from '../../domain/parse-payload.ts';

/** How a use case reads headers; takes lower-case names. */
export function headerOf(request: FastifyRequest): (name: string) => string | undefined {
  return (name) => {
    const value = request.headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
}

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;
const NO_BODY = Buffer.alloc(0);

/**
 * The raw body of a request that says it is JSON, or does not say what it is. Throws WB_MEDIA_TYPE for anything else.
 * Nothing has parsed it: signatures are over these bytes.
 */
export function rawJsonOf(request: FastifyRequest): Buffer {
  const type = request.headers['content-type'];
  if (type !== undefined && !JSON_TYPE.test(type))
    throw new WaybillError('WB_MEDIA_TYPE', `the body is ${type.slice(0, 100)}, not application/json`);
  return Buffer.isBuffer(request.body) ? request.body : NO_BODY;
}

/** The parsed body of a command. */
export const jsonOf = (request: FastifyRequest): unknown => parsePayload(rawJsonOf(request)).value;

/** The parsed body of a command that may have none. */
export const optionalJsonOf = (request: FastifyRequest): unknown => (rawJsonOf(request).length === 0 ? {} : jsonOf(request));

const REQUEST_ID = /^[\x21-\x7e]{1,128}$/;
/** As a proxy in front may have named the request. */
export function requestIdOf(request: FastifyRequest): string | undefined {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : undefined;
}
