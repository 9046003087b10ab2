import { HttpCode, RequestMapping, RequestMethod, UseFilters } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Role } from '../../domain/access/role.ts';
import { ProblemFilter } from './problem.filter.ts';

/** What one status of an operation means. `schema` absent: no body, or one that is described in words. */
export interface Answer {
  readonly description: string;
  readonly schema?: z.ZodType;
}

/** One operation of the HTTP surface: how it is routed, and how it is described. */
export interface OperationSpec {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** In Fastify's notation: `/v1/tenants/:tenantId`, `/v1/stats/*`. Several paths share one handler. */
  readonly paths: readonly string[];
  readonly summary: string;
  readonly tag: string;
  readonly body?: z.ZodType;
  /** Largest body in bytes, where the server's own limit does not suit. */
  readonly maxBodyBytes?: number;
  /** Request headers worth knowing, by name. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Query parameters, by name. */
  readonly query?: Readonly<Record<string, z.ZodType>>;
  /** `here`: the record of it stays in this region, whatever it is about. `no`: it is no command of the management. Absent: see `recordCommands`. */
  readonly record?: 'here' | 'no';
  /** Who may do it; absent: viewers what is read, admins what is changed. Counts below /v1 and /admin. */
  readonly role?: Role;
  /** The first one is what the handler answers with unless it says otherwise. */
  readonly answers: Readonly<Record<number, Answer>>;
}

/** By the handler's function, so that nothing depends on where the method sits. */
const specs = new WeakMap<object, OperationSpec>();

/** Routes a controller method and records what `/openapi.json` says about it, so that the two cannot differ. */
export function Operation(spec: OperationSpec): MethodDecorator {
  return (target, property, descriptor) => {
    RequestMapping({ path: [...spec.paths], method: RequestMethod[spec.method] })(target, property, descriptor);
    HttpCode(Number(Object.keys(spec.answers)[0]))(target, property, descriptor);
    // Nest asks a method's own filter before the global one, which does not write anything down.
    UseFilters(ProblemFilter)(target, property, descriptor);
    if (typeof descriptor.value === 'function') specs.set(descriptor.value, spec);
  };
}

/** Who may do what an operation does. */
export const roleOf = ({ method, role }: OperationSpec): Role => role ?? (method === 'GET' ? 'viewer' : 'admin');

/** How the operation of a request is called: its method and its route's pattern. */
export const actionOf = ({ method, routeOptions }: FastifyRequest): string => `${method} ${routeOptions.url ?? ''}`;

/** The operations of controller classes, in the order they are written. */
export function operationsOf(controllers: readonly (new (...args: never[]) => object)[]): OperationSpec[] {
  return controllers.flatMap(({ prototype }) =>
    Object.getOwnPropertyNames(prototype).flatMap((name) => {
      const method: unknown = Reflect.get(prototype, name);
      const spec = typeof method === 'function' ? specs.get(method) : undefined;
      return spec === undefined ? [] : [spec];
    }),
  );
}
