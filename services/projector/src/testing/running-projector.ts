import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningService } from '@waybill/runtime';
import { eventually, LiveReader, startNats, type TestNats, testLogger } from '@waybill/testkit';
import { type Bus, connectBus, Publisher } from '@waybill/transport';
import { z } from 'zod';
import { projectorConfigSchema } from '../config.ts';
import { natsOf } from '../region-place.ts';
import { startProjector } from '../start-projector.ts';
import type { SampleLog } from './sample-facts.ts';

export const REGION = 'local';

const bodySchema = z.record(z.string(), z.unknown());

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: Record<string, unknown>;
}

/** A real nats-server with a provisioned region, a folder for the store, and a projector that can be started and stopped. */
export class Region {
  readonly nats: TestNats;
  readonly bus: Bus;
  readonly folder: string;
  /** Why projection threads died. */
  readonly crashes: Error[] = [];
  #running: RunningService | undefined;
  #published = 0;

  private constructor(nats: TestNats, bus: Bus, folder: string) {
    this.nats = nats;
    this.bus = bus;
    this.folder = folder;
  }

  static async open(): Promise<Region> {
    const nats = await startNats({ region: REGION });
    const bus = await connectBus({ servers: nats.url, name: 'spec' });
    return new Region(nats, bus, await mkdtemp(join(tmpdir(), 'waybill-projector-')));
  }

  async close(): Promise<void> {
    await this.stop();
    await this.bus.close();
    await this.nats.cleanup();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Appends what of `log` is not in the stream yet, each message with the same headers. */
  async publish(log: SampleLog, headers: Record<string, string> = {}): Promise<void> {
    const publisher = new Publisher(this.bus);
    const fresh = log.messages
      .slice(this.#published)
      .map(({ subject, body, seq }) => publisher.publish({ subject, body, headers, msgId: `${log.stream} ${seq}` }));
    await Promise.all(fresh);
    this.#published = log.messages.length;
    publisher.close();
  }

  config(env: Record<string, string> = {}) {
    return projectorConfigSchema.parse({ REGION, NATS_URL: this.nats.url, DATA_DIR: this.folder, ...env });
  }

  /** What the projection thread is started with. */
  worker() {
    const config = this.config();
    return { ...config, nats: natsOf(REGION, { NATS_URL: config.NATS_URL }) };
  }

  async start(env: Record<string, string> = {}): Promise<void> {
    const onCrash = (error: Error): void => void this.crashes.push(error);
    this.#running = await startProjector({ config: this.config(env), nats: this.worker().nats, logger: testLogger(), env, onCrash });
  }

  async stop(): Promise<void> {
    await this.#running?.close();
    this.#running = undefined;
  }

  get url(): string {
    return this.#running?.url ?? '';
  }

  /** The value of each of our metrics that `/metrics` shows, by name and labels as they stand there. */
  async metrics(): Promise<Record<string, number>> {
    const lines = (await (await fetch(`${this.url}/metrics`)).text()).split('\n').filter((line) => line.startsWith('waybill_'));
    return Object.fromEntries(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
  }

  /** Follows live, from the id that an earlier reader had come to. */
  live(lastId = ''): Promise<LiveReader> {
    return LiveReader.open(`${this.url}/v1/live`, lastId === '' ? {} : { 'last-event-id': lastId });
  }

  get(path: string): Promise<Answer> {
    return this.#ask(path);
  }
  post(path: string): Promise<Answer> {
    return this.#ask(path, { method: 'POST' });
  }
  async #ask(path: string, init?: RequestInit): Promise<Answer> {
    const answer = await fetch(`${this.url}${path}`, init);
    return { status: answer.status, type: answer.headers.get('content-type') ?? '', body: bodySchema.parse(await answer.json()) };
  }

  /** Waits until the projection has applied the stream up to `seq`. */
  async caughtUp(seq: number): Promise<void> {
    const schema = z.object({ data: z.array(z.object({ stream: z.string(), checkpoint: z.number() })) });
    await eventually(async () => {
      const { status, body } = await this.get('/v1/stats/lag');
      return status === 200 && schema.parse(body).data.some((row) => row.stream.startsWith('LOG_') && row.checkpoint >= seq);
    });
  }

  /** Waits until a dependency's detail in `/health/ready` fits. */
  async healthSays(text: RegExp): Promise<void> {
    await eventually(async () => text.test(JSON.stringify((await this.get('/health/ready')).body)));
  }
}

const statusSchema = z.object({
  serving: z.object({
    generation: z.number(),
    ok: z.boolean(),
    streams: z.array(z.object({ stream: z.string(), checkpoint: z.number(), completeSince: z.string().nullable() })),
  }),
  build: z.object({ generation: z.number(), facts: z.object({ read: z.number(), total: z.number() }) }).nullable(),
  last: z
    .object({
      outcome: z.string(),
      detail: z.string().nullable(),
      facts: z.number().nullable(),
      completeSince: z.string().nullable(),
      comparison: z.object({ rows: z.number(), differences: z.array(z.record(z.string(), z.unknown())) }).nullable(),
    })
    .nullable(),
});

/** What `GET /v1/projections` tells. */
export const projections = async (region: Region): Promise<z.output<typeof statusSchema>> =>
  statusSchema.parse((await region.get('/v1/projections')).body);
