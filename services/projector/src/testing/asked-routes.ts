import type { DynamicModule } from '@nestjs/common';
import { Health, Lifecycle, Metrics, RuntimeModule, runService, type RunningService } from '@waybill/runtime';
import { testLogger } from '@waybill/testkit';
import { type CompiledQuery, Kysely, SqliteDialect } from 'kysely';
import { z } from 'zod';
import { Reader } from '../adapters/http/reader.ts';
import { LIVE, READ_FILES, READ_PAYLOAD, READ_UP_TO, READER, REBUILDER, STREAM_STATE } from '../adapters/http/tokens.ts';
import type { Database } from '../adapters/store/database.ts';
import { openNodeSqlite } from '../adapters/store/node-sqlite.ts';
import type { Tables } from '../adapters/store/schema.ts';
import { registerMetrics } from '../adapters/projector-metrics.ts';
import { AppModule, CONTROLLERS } from '../app.module.ts';
import { projectorConfigSchema } from '../config.ts';
import { growingSteps, queryPlan } from './query-plan.ts';

/** What a route answered, how many statements that took, and those whose cost grows with their tables. */
interface Asked {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly statements: number;
  readonly growing: readonly string[];
}

const bodySchema = z.record(z.string(), z.unknown());

/** Every route of the projector on a store that is there already, without NATS: what is asked of the store is watched. */
export class AskedRoutes {
  readonly #service: RunningService;
  readonly #asked: CompiledQuery[];
  readonly #database: Database;
  /** As `GET /v1/events/:id`. */
  readonly routes: readonly string[];

  private constructor(service: RunningService, watched: { asked: CompiledQuery[]; database: Database }, routes: readonly string[]) {
    this.#service = service;
    this.#asked = watched.asked;
    this.#database = watched.database;
    this.routes = routes;
  }

  static async open(file: string): Promise<AskedRoutes> {
    const asked: CompiledQuery[] = [];
    const database = openWatched(file, asked);
    const routes: string[] = [];
    const service = await runService({
      name: 'projector',
      config: projectorConfigSchema.parse({}),
      logger: testLogger(),
      module: moduleOf(database),
      configureHttp: (fastify) => {
        fastify.addHook('onRoute', ({ method, url }) => {
          for (const one of [method].flat()) if (one !== 'HEAD') routes.push(`${one} ${url}`);
        });
      },
    });
    return new AskedRoutes(service, { asked, database }, routes);
  }

  async get(path: string): Promise<Asked> {
    this.#asked.length = 0;
    const answer = await fetch(this.#service.url + path);
    const isJson = answer.headers.get('content-type')?.includes('json') === true;
    const body = bodySchema.parse(isJson ? await answer.json() : { text: await answer.text() });
    const asked = [...this.#asked];
    const growing: string[] = [];
    for (const { sql, parameters } of asked) {
      const steps = growingSteps(await queryPlan(this.#database, sql, parameters));
      growing.push(...steps.map((step) => `${step} in ${sql}`));
    }
    return { status: answer.status, body, statements: asked.length, growing };
  }

  /** Closes the store too. */
  async close(): Promise<void> {
    await this.#service.close();
    await this.#database.close();
  }
}

/** A database that remembers what it was asked. */
function openWatched(file: string, asked: CompiledQuery[]): Database {
  const sqlite = openNodeSqlite(file, { readOnly: true });
  const log = ({ query }: { query: CompiledQuery }): void => void asked.push(query);
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: sqlite }), log });
  return { engine: 'sqlite', db, isPresent: () => true, close: async () => sqlite.close() };
}

function moduleOf(database: Database): DynamicModule {
  const reader = new Reader({ open: () => database, isMade: () => true, onDamage: () => undefined });
  const metrics = new Metrics({ isOn: true });
  registerMetrics(metrics, { region: 'local', reader, bus: () => undefined, stateOf: () => ({ ok: true }) });
  return {
    module: AppModule,
    imports: [RuntimeModule.forRoot({ logger: testLogger(), health: new Health(), lifecycle: new Lifecycle(), metrics })],
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
  };
}
