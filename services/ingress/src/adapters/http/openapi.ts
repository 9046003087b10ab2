import { z } from 'zod';
import { SESSION_COOKIE } from './admission.ts';
import { callerHeaders } from './caller.ts';
import { type OperationSpec, roleOf } from './operation.ts';

type Json = Record<string, unknown>;

const problemSchema = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    remedy: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });

const reportSchema = z
  .object({
    status: z.enum(['ready', 'not_ready']),
    dependencies: z.record(z.string(), z.object({ ok: z.boolean(), detail: z.string().optional() })),
  })
  .meta({ id: 'HealthReport' });

/** Routes that the runtime adds to every service. */
export const RUNTIME_OPERATIONS: readonly OperationSpec[] = [
  { method: 'GET', paths: ['/health/live'], summary: 'The process runs', tag: 'machine', answers: { 200: { description: 'It does' } } },
  {
    method: 'GET',
    paths: ['/health/ready'],
    summary: 'Whether the service can do its work, with each dependency',
    tag: 'machine',
    answers: { 200: { description: 'Ready', schema: reportSchema }, 503: { description: 'Not ready', schema: reportSchema } },
  },
  {
    method: 'GET',
    paths: ['/metrics'],
    summary: 'What this process counts, as Prometheus reads it; with METRICS_TOKEN set, for who brings that as a bearer token',
    tag: 'machine',
    answers: { 200: { description: 'Text in the exposition format of Prometheus' } },
  },
];

const SECURITY = [{ bearer: [] }, { session: [] }];
const SCHEMAS = '#/components/schemas/';

/** Turns `$defs` references into references to the document's components, and moves the definitions there. */
class Components {
  readonly schemas: Json = {};

  schemaOf(schema: z.ZodType, io: 'input' | 'output'): unknown {
    const converted = z.toJSONSchema(schema, { target: 'draft-2020-12', io, unrepresentable: 'any' });
    const { $schema: _dialect, $defs: definitions, id, ...own } = this.#relocate(converted);
    for (const [name, definition] of Object.entries(definitions ?? {})) this.schemas[name] = definition;
    if (typeof id !== 'string') return own;
    this.schemas[id] = own;
    return { $ref: SCHEMAS + id };
  }

  #relocate(converted: object): Json & { $defs?: Json | undefined } {
    const text = JSON.stringify(converted).replaceAll('"#/$defs/', `"${SCHEMAS}`);
    return z.looseObject({ $defs: z.record(z.string(), z.unknown()).optional() }).parse(JSON.parse(text));
  }
}

const PATH_PARAMETER = /:([A-Za-z0-9]+)|\*/g;
/** `/v1/tenants/:tenantId` as `/v1/tenants/{tenantId}`. */
export const openApiPath = (path: string): string =>
  path.replace(PATH_PARAMETER, (_all, name: string | undefined) => `{${name ?? 'path'}}`);

function parametersOf(spec: OperationSpec, path: string, components: Components): Json[] {
  const inPath = [...path.matchAll(PATH_PARAMETER)].map(([, name]) => ({
    name: name ?? 'path',
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const inHeaders = Object.entries({ ...spec.headers, ...(isCommand(spec) ? callerHeaders : {}) }).map(([name, description]) => ({
    name,
    in: 'header',
    description,
    schema: { type: 'string' },
  }));
  const inQuery = Object.entries(spec.query ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    schema: components.schemaOf(schema, 'input'),
  }));
  return [...inPath, ...inHeaders, ...inQuery];
}

function responsesOf(spec: OperationSpec, components: Components): Json {
  const responses: Json = { default: { $ref: '#/components/responses/Problem' } };
  for (const [status, { description, schema }] of Object.entries(spec.answers)) {
    const content = schema === undefined ? {} : { content: { 'application/json': { schema: components.schemaOf(schema, 'output') } } };
    responses[status] = { description, ...content };
  }
  return responses;
}

function operationOf(spec: OperationSpec, path: string, components: Components): Json {
  const parameters = parametersOf(spec, path, components);
  const body = spec.body && { required: true, content: { 'application/json': { schema: components.schemaOf(spec.body, 'input') } } };
  return {
    summary: spec.summary,
    tags: [spec.tag],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: body }),
    ...(needsKey(path) ? { security: SECURITY, 'x-role': roleOf(spec) } : {}),
    responses: responsesOf(spec, components),
  };
}

/** Whether a route wants a key or a session; `path` is the route's pattern, not the request's URL. */
export const needsKey = (path: string): boolean => path.startsWith('/v1/') || path.startsWith('/admin/');

/** Whether an operation changes something in the name of whoever holds a key, so that its success is recorded. */
export const isCommand = ({ method, paths, record }: OperationSpec): boolean =>
  method !== 'GET' && record !== 'no' && paths.every(needsKey);

/** The OpenAPI 3.1 document of these operations and those of the runtime. */
export function openApiOf(operations: readonly OperationSpec[]): Json {
  const components = new Components();
  const problem = components.schemaOf(problemSchema, 'output');
  const paths: Record<string, Json> = {};
  for (const spec of [...operations, ...RUNTIME_OPERATIONS]) {
    for (const path of spec.paths) {
      const methods = (paths[openApiPath(path)] ??= {});
      methods[spec.method.toLowerCase()] = operationOf(spec, path, components);
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Waybill ingress',
      version: '1',
      description: 'The public door of one region.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: {
      schemas: components.schemas,
      responses: {
        Problem: { description: 'What went wrong, and what to do', content: { 'application/problem+json': { schema: problem } } },
      },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' }, session: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE } },
    },
  };
}
