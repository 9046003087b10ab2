import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseFactSubject, streamNames } from '@waybill/contracts';
import { HUB, startThrowawayDeployment, type ThrowawayDeployment } from '@waybill/nats-server';
import type { RunningService } from '@waybill/runtime';
import { eventually, testLogger, LiveReader } from '@waybill/testkit';
import { type Bus, connectBus, provision, provisionRegions, Publisher, rebuildPeers, regionTopology } from '@waybill/transport';
import { z } from 'zod';
import { projectorConfigSchema } from '../config.ts';
import { natsOf } from '../region-place.ts';
import { startProjector } from '../start-projector.ts';
import type { SampleLog } from './sample-facts.ts';

export const REGIONS = ['us', 'eu'] as const;
export type RegionId = (typeof REGIONS)[number];

const bodySchema = z.record(z.string(), z.unknown());
const digestSchema = z.object({ digest: z.string(), tables: z.record(z.string(), z.object({ rows: z.number(), digest: z.string() })) });

/** Which user of a region may write a fact. */
function writerOf(subject: string): string {
  const type = parseFactSubject(subject)?.type;
  if (type === 'event.accepted' || type === 'dispatch.swept') return 'ingress';
  return type === 'plan.made' || type === 'dispatch.decided' || type === 'dispatch.ended' ? 'planner' : 'dispatcher';
}

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Two regions with real servers, a hub between them, users with the rights of production, and a projector in each. */
export class TwoProjectors {
  readonly servers: ThrowawayDeployment;
  readonly #folder: string;
  readonly #buses = new Map<string, Promise<Bus>>();
  readonly #publishers = new Map<string, Publisher>();
  readonly #projectors = new Map<RegionId, RunningService>();

  private constructor(servers: ThrowawayDeployment, folder: string) {
    this.servers = servers;
    this.#folder = folder;
  }

  /** Each region stands alone at first, as one does that will be joined by others. */
  static async start(): Promise<TwoProjectors> {
    const folder = await mkdtemp(join(tmpdir(), 'waybill-projectors-'));
    const both = new TwoProjectors(await startThrowawayDeployment({ regions: REGIONS, hubNodes: 1 }), folder);
    for (const region of REGIONS) await provision(await both.as(region, 'provisioner'), regionTopology(region));
    return both;
  }

  /** Gives the regions copies of each other's facts. */
  async join(): Promise<void> {
    await provisionRegions(await this.#provisioned(), await this.as(HUB, 'admin'));
  }
  async rebuildPeersOf(region: RegionId): Promise<void> {
    await rebuildPeers(await this.#provisioned(), region);
  }
  #provisioned(): Promise<{ id: string; bus: Bus }[]> {
    return Promise.all(REGIONS.map(async (id) => ({ id, bus: await this.as(id, 'provisioner') })));
  }

  /** A connection as one of the users of a region, or of the hub. */
  as(place: string, user: string): Promise<Bus> {
    const key = `${place} ${user}`;
    let bus = this.#buses.get(key);
    if (bus === undefined) this.#buses.set(key, (bus = this.#connect(place, user)));
    return bus;
  }
  #connect(place: string, user: string): Promise<Bus> {
    const { servers, pass: password, ...login } = this.servers.login(place, user);
    return connectBus({ ...login, servers: servers.join(','), password, name: `spec-${user}` });
  }

  async startProjector(region: RegionId): Promise<void> {
    const env = this.#environment(region);
    const config = projectorConfigSchema.parse(env);
    const onCrash = (error: Error): never => {
      throw error;
    };
    this.#projectors.set(region, await startProjector({ config, nats: natsOf(region, env), logger: testLogger(), onCrash }));
  }
  async stopProjector(region: RegionId): Promise<void> {
    await this.#projectors.get(region)?.close();
    this.#projectors.delete(region);
  }

  /** Writes what a made-up LOG holds from message `from` on to the real one of its region, each fact as the service that may. */
  async publish(log: SampleLog, from = 0): Promise<void> {
    for (const { subject, body, seq } of log.messages.slice(from)) {
      const publisher = await this.#publisher(log.region, writerOf(subject));
      await publisher.publish({ subject, body, msgId: `${subject} ${seq}` });
    }
  }
  async #publisher(region: string, user: string): Promise<Publisher> {
    const key = `${region} ${user}`;
    let publisher = this.#publishers.get(key);
    if (publisher === undefined) this.#publishers.set(key, (publisher = new Publisher(await this.as(region, user))));
    return publisher;
  }

  async register(region: RegionId, key: string, record: object): Promise<void> {
    const { js } = await this.as(region, 'ingress');
    await js.publish(`$KV.registry.${region}.${key}`, JSON.stringify(record));
  }

  /** Follows live in a region, from the id that an earlier reader had come to; it knows where it is. */
  async live(region: RegionId, lastId = ''): Promise<LiveReader> {
    const url = `${this.#projectors.get(region)?.url ?? ''}/v1/live`;
    const reader = await LiveReader.open(url, lastId === '' ? {} : { 'last-event-id': lastId });
    if (lastId === '') await reader.until((seen) => seen.lastId !== '');
    return reader;
  }

  get(region: RegionId, path: string): Promise<Answer> {
    return this.#ask(region, path, 'GET');
  }
  post(region: RegionId, path: string): Promise<Answer> {
    return this.#ask(region, path, 'POST');
  }
  async #ask(region: RegionId, path: string, method: string): Promise<Answer> {
    const answer = await fetch(`${this.#projectors.get(region)?.url ?? ''}${path}`, { method });
    return { status: answer.status, body: bodySchema.parse(await answer.json()) };
  }

  async digest(region: RegionId): Promise<z.output<typeof digestSchema>> {
    return digestSchema.parse((await this.get(region, '/v1/stats/digest')).body);
  }

  /** Waits until both regions have read `events` events, and hold the same. */
  async sameWith(events: number): Promise<void> {
    let seen: unknown;
    const isSame = async (): Promise<boolean> => {
      const digests = await Promise.all(REGIONS.map((region) => this.get(region, '/v1/stats/digest')));
      seen = digests.map(({ body }) => body);
      const [us, eu] = digests.map(({ body }) => digestSchema.safeParse(body).data);
      return us?.tables['event']?.rows === events && us.digest === eu?.digest;
    };
    await eventually(isSame).catch(() => {
      throw new Error(`not the same, with ${events} events: ${JSON.stringify(seen, undefined, 1)}`);
    });
  }

  /** Sequence of the newest copy that a region has. */
  async lastCopyIn(region: RegionId): Promise<number> {
    const { jsm } = await this.as(region, 'projector');
    return (await jsm.streams.info(streamNames(region).peers)).state.last_seq;
  }

  async stop(): Promise<void> {
    for (const region of REGIONS) await this.stopProjector(region);
    for (const publisher of this.#publishers.values()) publisher.close();
    for (const bus of this.#buses.values()) await (await bus).close();
    await this.servers.cleanup();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #environment(region: RegionId): Record<string, string> {
    const regions = REGIONS.map((id, index) => {
      const { servers, user, pass } = this.servers.login(id, 'projector');
      return {
        id,
        region: id,
        host: servers.join(','),
        key: `${user}:${pass}`,
        webhook_url: `https://hooks.test/${id}`,
        priority: index + 1,
      };
    });
    return { REGION: region, REGIONS_CONFIG: JSON.stringify(regions), DATA_DIR: join(this.#folder, region) };
  }
}
