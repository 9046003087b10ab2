import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { KeepErrorFilter } from '@waybill/runtime';
import { testLogger } from '@waybill/testkit';
import { type CompiledQuery, Kysely, SqliteDialect } from 'kysely';
import { Reader } from '../adapters/http/reader.ts';
import { LIVE, READ_FILES, READ_PAYLOAD, READ_UP_TO, READER, REBUILDER, STREAM_STATE } from '../adapters/http/tokens.ts';
import { openNodeSqlite } from '../adapters/store/node-sqlite.ts';
import type { Tables } from '../adapters/store/schema.ts';
import { CONTROLLERS } from '../app.module.ts';
import { growingSteps, queryPlan } from './query-plan.ts';

/** What a route answered, how many statements that took, and those whose cost grows with their tables. */
export interface Asked {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly statements: number;
  readonly growing: readonly string[];
}

/** Every route of the projector on a store that is there already, without NATS: what is asked of the store is watched. */
export class AskedRoutes {
  readonly #app: NestFastifyApplication;
  readonly #asked: CompiledQuery[];
  readonly #database: ReturnType<typeof openWatched>;
  /** As `GET /v1/events/:id`. */
  readonly routes: readonly string[];

  private constructor(
    app: NestFastifyApplication,
    watched: { asked: CompiledQuery[]; database: ReturnType<typeof openWatched> },
    routes: string[],
  ) {
    this.#app = app;
    this.#asked = watched.asked;
    this.#database = watched.database;
    this.routes = routes;
  }

  static async open(file: string): Promise<AskedRoutes> {
    const asked: CompiledQuery[] = [];
    const database = openWatched(file, asked);
    const routes: string[] = [];
    const app = await NestFactory.create<NestFastifyApplication>(moduleOf(database), new FastifyAdapter(), { logger: false });
    app.useGlobalFilters(new KeepErrorFilter(testLogger()));
    const fastify = app.getHttpAdapter().getInstance();
    fastify.addHook('onRoute', ({ method, url }) => {
      for (const one of [method].flat()) if (one !== 'HEAD') routes.push(`${one} ${url}`);
    });
    await app.init();
    await fastify.ready();
    return new AskedRoutes(app, { asked, database }, routes);
  }

  async get(path: string): Promise<Asked> {
    this.#asked.length = 0;
    const answer = await this.#app.inject({ method: 'GET', url: path });
    const asked = [...this.#asked];
    const growing: string[] = [];
    for (const { sql, parameters } of asked) {
      const steps = growingSteps(await queryPlan(this.#database, sql, parameters));
      growing.push(...steps.map((step) => `${step} in ${sql}`));
    }
    return { status: answer.statusCode, body: answer.json(), statements: asked.length, growing };
  }

  /** Closes the store too. */
  close(): Promise<void> {
    return this.#app.close().then(() => this.#database.close());
  }
}

/** A database that remembers what it was asked. */
function openWatched(file: string, asked: CompiledQuery[]) {
  const sqlite = openNodeSqlite(file, { readOnly: true });
  const log = ({ query }: { query: CompiledQuery }): void => void asked.push(query);
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: sqlite }), log });
  return { engine: 'sqlite' as const, db, isPresent: () => true, close: async () => sqlite.close() };
}

function moduleOf(database: ReturnType<typeof openWatched>) {
  const reader = new Reader({ open: () => database, isMade: () => true, onDamage: () => undefined });
  @Module({
    controllers: CONTROLLERS,
    providers: [
      { provide: READER, useValue: reader },
      { provide: READ_PAYLOAD, useValue: async () => ({ kind: 'unreachable' }) },
      { provide: READ_FILES, useValue: async () => undefined },
      { provide: STREAM_STATE, useValue: async () => undefined },
      { provide: READ_UP_TO, useValue: () => 0 },
      { provide: REBUILDER, useValue: { status: () => ({ serving: 0, build: null, last: null }), stateOf: () => ({ ok: true }) } },
      { provide: LIVE, useValue: { hub: { close: () => undefined }, states: { stop: () => undefined } } },
    ],
  })
  class Routes {}
  return Routes;
}
