import 'reflect-metadata';
import { Health, Lifecycle, createLogger } from '@waybill/runtime';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AppModule, OPERATIONS } from '../../app.module.ts';
import { configureHttp, fastifyOptionsOf } from './configure-http.ts';
import { openApiOf, openApiPath } from './openapi.ts';
import type { Ingress } from '../../ingress.ts';

const operationSchema = z.looseObject({
  summary: z.string(),
  security: z.array(z.unknown()).optional(),
  requestBody: z.unknown().optional(),
  responses: z.record(z.string(), z.unknown()),
});
const documentSchema = z.looseObject({
  openapi: z.literal('3.1.0'),
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.looseObject({ schemas: z.record(z.string(), z.looseObject({})) }),
});
const document = documentSchema.parse(openApiOf(OPERATIONS));
const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
);

/** Use cases that are never called here: only the routes count. */
const noUseCases = {} as Ingress;

describe('the document and the routes of Fastify', () => {
  const registered: string[] = [];
  let app: NestFastifyApplication;

  beforeAll(async () => {
    const http = { maxBodyBytes: 1000, receiveTimeoutMs: 1000 };
    const parts = {
      logger: createLogger({ service: 'test', region: 'test', level: 'silent' }),
      health: new Health(),
      lifecycle: new Lifecycle(),
    };
    app = await NestFactory.create<NestFastifyApplication>(
      AppModule.forRoot(noUseCases, parts),
      new FastifyAdapter(fastifyOptionsOf(http)),
      {
        bodyParser: false,
        logger: false,
      },
    );
    const fastify = app.getHttpAdapter().getInstance();
    fastify.addHook('onRoute', ({ method, url }) => {
      for (const one of [method].flat()) if (one !== 'HEAD') registered.push(`${one} ${openApiPath(url)}`);
    });
    configureHttp(fastify, OPERATIONS, http, {
      requireHere: () => undefined,
      addressOf: () => undefined,
      admit: () => undefined,
      showLost: () => false,
    });
    await app.init();
  });
  afterAll(() => app.close());

  it('list the same operations', () => {
    expect(registered.length).toBeGreaterThan(20);
    expect([...new Set(registered)].toSorted()).toEqual(documented.toSorted());
  });
});

it('says for every operation of /v1 and /admin that it needs the key, and for no other', () => {
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const operation of Object.values(methods)) expect(operation.security !== undefined).toBe(/^\/(v1|admin)\//.test(path));
  }
});

it('names every parameter of a path as the path does', () => {
  for (const [path, methods] of Object.entries(document.paths)) {
    expect(path).toMatch(/^(?:\/(?:[\w.-]+|\{\w+\}))+$/);
    for (const operation of Object.values(methods)) {
      const { parameters } = z.object({ parameters: z.array(z.object({ name: z.string(), in: z.string() })).default([]) }).parse(operation);
      const inPath = parameters.filter((one) => one.in === 'path').map(({ name }) => `{${name}}`);
      expect(inPath).toEqual(path.match(/\{\w+\}/g) ?? []);
    }
  }
});

it('says of every command how to tell who sends it and why, and of nothing else', () => {
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const isCommand = method !== 'get' && /^\/(v1|admin)\//.test(path) && !path.endsWith('/events');
      expect(JSON.stringify(operation).includes('Waybill-Actor'), `${method} ${path}`).toBe(isCommand);
    }
  }
});

it('refers only to what it defines', () => {
  const text = JSON.stringify(document);
  const references = [...text.matchAll(/"\$ref":"#\/components\/([a-z]+)\/([A-Za-z]+)"/g)];
  expect(references.length).toBeGreaterThan(20);
  expect(text.match(/"\$ref":"/g)).toHaveLength(references.length);
  for (const [, kind = '', name = ''] of references)
    expect(Reflect.get(Object(Reflect.get(document.components, kind)), name)).toBeDefined();
});

it('describes an event with its required fields, and no field besides', () => {
  expect(document.components.schemas['NewEvent']).toMatchObject({
    type: 'object',
    additionalProperties: false,
    required: expect.arrayContaining(['eventType', 'data']),
    properties: { eventType: { type: 'string', maxLength: 128 } },
  });
});

it('shows no secret of an endpoint or a source', () => {
  expect(document.components.schemas['Endpoint']).not.toHaveProperty('properties.secrets');
  expect(document.components.schemas['Source']).not.toHaveProperty('properties.verification.properties.secret');
});

it('leaves room for what the projector answers beside what is described', () => {
  const deadLetter = document.paths['/v1/dead-letters/{id}']?.['get']?.responses['200'];
  expect(deadLetter).toHaveProperty(['content', 'application/json', 'schema', 'additionalProperties'], {});
  expect(document.components.schemas['ReadPosition']).toHaveProperty('properties.log.additionalProperties', {});
});

const RANGE = ['from', 'to'];
const PAGE = ['iterator', 'limit'];

it.each([
  ['/v1/dispatches', [...PAGE, 'region', 'repository', 'state', 'tenantId', 'workflow']],
  ['/v1/events', [...PAGE, ...RANGE, 'correlationId', 'eventType', 'region', 'source', 'state', 'tenantId']],
  ['/v1/deliveries', [...PAGE, ...RANGE, 'endpointId', 'eventId', 'jobId', 'state', 'tenantId']],
  ['/v1/attempts', [...PAGE, 'deliveryId', 'endpointId']],
  ['/v1/dead-letters', [...PAGE, ...RANGE, 'endpointId', 'eventType', 'reason', 'region', 'state', 'tenantId']],
  ['/v1/stats/totals', ['id', 'scope']],
  ['/v1/stats/series', [...RANGE, 'grain', 'id', 'scope']],
  ['/v1/stats/endpoints', ['ids']],
  ['/v1/schemas', [...PAGE, 'day']],
  ['/v1/search', ['q']],
])('describes every parameter of %s that the projector takes', (path, parameters) => {
  const names = z.array(z.object({ name: z.string() })).parse(Reflect.get(Object(document.paths[path]?.['get']), 'parameters'));
  expect(names.map(({ name }) => name).toSorted()).toEqual(parameters.toSorted());
});

describe('who may do what', () => {
  const roles = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ what: `${method.toUpperCase()} ${path}`, role: operation['x-role'] })),
  );
  const having = (role: unknown): string[] => roles.filter((one) => one.role === role).map(({ what }) => what);

  it('is said of every operation that wants a key', () => {
    expect(having(undefined).filter((what) => /^\S+ \/(v1|admin)\//.test(what))).toEqual([]);
  });

  it('lets viewers change nothing, and nobody but admins see secrets', () => {
    expect(having('viewer').filter((what) => !what.startsWith('GET '))).toEqual([]);
    expect(having('admin').filter((what) => what.startsWith('GET '))).toEqual(['GET /v1/tenants/{tenantId}/endpoints/{id}/secret']);
  });

  it('lets operators repair, and not decide what there is', () => {
    const repaired =
      /^(PUT|DELETE) \/v1\/pauses|^POST \/(admin|v1\/(dead-letters|deliveries|replays|jobs|projections)|v1\/tenants\/[^/]+\/endpoints\/[^/]+\/(pause|resume|test)$)/;
    expect(having('operator').filter((what) => !repaired.test(what))).toEqual([]);
    expect([...having('admin'), ...having('viewer')].filter((what) => repaired.test(what))).toEqual([]);
  });
});
