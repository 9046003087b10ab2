import type { FastifyRequest } from 'fastify';
import type { EndpointView } from '../../application/commands/endpoint-body.ts';
import { mayDo } from '../../domain/access/role.ts';
import { accessOf } from './admission.ts';

/** An endpoint as whoever asks may see it: the values of its headers are often credentials, so only admins do. */
export function endpointFor(request: FastifyRequest, view: EndpointView): EndpointView {
  if (view.headers === undefined || mayDo(accessOf(request)?.role ?? 'viewer', 'admin')) return view;
  return { ...view, headers: Object.fromEntries(Object.keys(view.headers).map((name) => [name, '[hidden]'])) };
}
