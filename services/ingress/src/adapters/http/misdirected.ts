import { WaybillError } from '@waybill/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** The public address of a region's ingress, as far as it is known. */
export type AddressOf = (region: string) => string | undefined;

/**
 * Adds to WB_MISDIRECTED where to send the request instead, as `url` and as the header `Location`: the address of the region that the error names, with
 * the path and query of this request. Other errors stay as they are.
 */
export function withAddress(error: WaybillError, request: FastifyRequest, reply: FastifyReply, addressOf: AddressOf): WaybillError {
  const { region } = error.extra;
  if (error.code !== 'WB_MISDIRECTED' || typeof region !== 'string') return error;
  const address = addressOf(region);
  const path = request.raw.url ?? '';
  // A client may also send a whole URL as the path.
  if (address === undefined || !path.startsWith('/')) return error;
  const url = address.replace(/\/$/, '') + path;
  reply.header('location', url);
  return new WaybillError(error.code, error.message, { cause: error, extra: { ...error.extra, url } });
}
