import { createHash, randomUUID } from 'node:crypto';
import { BODY_PART_BYTES, type BodyBucket, bodySubjects, type Scope, WaybillError } from '@waybill/contracts';
import type { Bus, Publish } from '@waybill/transport';
import { z } from 'zod';

/** The largest payload there is: 25 MiB. */
export const MAX_BODY_BYTES = 26_214_400;

/** A payload by its content. What may not leave the region is kept apart from the same bytes that may. */
export interface BodyName {
  readonly sha256: string;
  readonly scope: Scope;
}

/** What a bucket says of an object. `storedMs`: when it was stored last. */
export interface StoredBody {
  readonly id: string;
  readonly bytes: number;
  readonly storedMs: number;
}

/** `damaged`: something is there, but not the bytes of that name, or not all of them. */
export type Reading =
  | { readonly kind: 'present'; readonly body: Buffer; readonly storedMs: number }
  | { readonly kind: 'absent' }
  | { readonly kind: 'damaged' };

const ROLLUP = { 'Nats-Rollup': 'sub' };

const aboutSchema = z.object({
  nuid: z.string(),
  size: z.int().min(0).max(MAX_BODY_BYTES),
  chunks: z.int().min(0),
  deleted: z.boolean().default(false),
});

interface Found {
  readonly seq: number;
  readonly data: Uint8Array;
  readonly time: Date;
}

/**
 * One bucket of the JetStream object store, in the format that every client of it reads (NATS ADR-20), written and read by ourselves: the client's own
 * `get` waits for ever when the parts of an object are gone, its `put` needs the right to purge the stream, and neither tells "not there" from "away".
 */
export class ObjectBucket {
  readonly #bus: Bus;
  readonly #bucket: BodyBucket;
  readonly #subjects: ReturnType<typeof bodySubjects>;

  constructor(bus: Bus, bucket: BodyBucket) {
    this.#bus = bus;
    this.#bucket = bucket;
    this.#subjects = bodySubjects(bucket.bucket);
  }

  /** What is stored under a name; undefined when there is nothing. Throws WB_NATS_AWAY. */
  async find(name: BodyName): Promise<StoredBody | undefined> {
    const message = await this.#read({ last_by_subj: this.#about(name) });
    const about = message === undefined ? undefined : readAbout(message.data);
    if (message === undefined || about === undefined || about.deleted) return undefined;
    return { id: about.nuid, bytes: about.size, storedMs: message.time.getTime() };
  }

  /** Reads an object and checks its digest. Throws WB_NATS_AWAY. */
  async get(name: BodyName): Promise<Reading> {
    let broken: string | undefined;
    for (;;) {
      const stored = await this.find(name);
      if (stored === undefined) return { kind: 'absent' };
      // One that was stored anew while it was read is read again.
      if (stored.id === broken) return { kind: 'damaged' };
      const body = await this.#readParts(stored);
      if (body !== undefined && digestOf(body) === name.sha256) return { kind: 'present', body, storedMs: stored.storedMs };
      broken = stored.id;
    }
  }

  /** Stores an object, in the place of one of that name. Nobody sees half of it. Throws WB_NATS_AWAY, WB_LOG_FULL. */
  async put(publish: Publish, name: BodyName, body: Uint8Array): Promise<void> {
    const before = await this.find(name);
    await this.#requireRoom(Math.ceil(body.length / BODY_PART_BYTES) + 1);
    const id = randomUUID().replaceAll('-', '');
    const subject = this.#subjects.parts(id);
    let chunks = 0;
    try {
      for (let start = 0; start < body.length; start += BODY_PART_BYTES) {
        await publish({ subject, body: body.subarray(start, start + BODY_PART_BYTES), msgId: `${id}:${chunks}` });
        chunks += 1;
      }
    } catch (error) {
      void this.#drop(publish, { id });
      throw error;
    }
    await this.#say(publish, name, {
      nuid: id,
      size: body.length,
      chunks,
      digest: `SHA-256=${base64Url(Buffer.from(name.sha256, 'hex'))}`,
    });
    if (before !== undefined) await this.#drop(publish, before);
  }

  /** Takes an object that is damaged out, so that the next one who has its bytes stores them again. Throws WB_NATS_AWAY. */
  async remove(publish: Publish, name: BodyName): Promise<void> {
    const before = await this.find(name);
    if (before === undefined) return;
    await this.#say(publish, name, { nuid: before.id, size: 0, chunks: 0, digest: '', deleted: true });
    await this.#drop(publish, before);
  }

  /** Asked beforehand, or the first parts of what does not fit would take the room of what does. A bucket that lets the oldest go always has some. */
  async #requireRoom(messages: number): Promise<void> {
    const { config, state } = await this.#asked(() => this.#bus.jsm.streams.info(this.#bucket.stream));
    if (config.discard !== 'new' || config.max_msgs < 0 || state.messages + messages <= config.max_msgs) return;
    const detail = `${this.#bucket.stream} has no room for ${messages} more parts of ${config.max_msgs}: raise BODY_STORE_MAX_BYTES and provision`;
    throw new WaybillError('WB_LOG_FULL', detail, { extra: { retryAfterSeconds: 30 } });
  }

  async #say(publish: Publish, name: BodyName, about: Readonly<Record<string, string | number | boolean>>): Promise<void> {
    const fixed = { name: objectName(name), bucket: this.#bucket.bucket, mtime: new Date().toISOString() };
    const body = JSON.stringify({ ...fixed, options: { max_chunk_size: BODY_PART_BYTES }, ...about });
    await publish({ subject: this.#about(name), body, msgId: `about:${randomUUID()}`, headers: ROLLUP });
  }

  /** Frees the room of an object's parts. An empty message in their place does it without the right to purge, which would be one to purge everything. */
  async #drop(publish: Publish, { id }: Pick<StoredBody, 'id'>): Promise<void> {
    const dropped = { subject: this.#subjects.parts(id), body: '', msgId: `${id}:dropped`, headers: ROLLUP };
    // What cannot be freed now ages out.
    await publish(dropped).catch(() => undefined);
  }

  async #readParts({ id, bytes }: StoredBody): Promise<Buffer | undefined> {
    const body = Buffer.allocUnsafe(bytes);
    const subject = this.#subjects.parts(id);
    let [filled, seq] = [0, 1];
    while (filled < bytes) {
      const part = await this.#read({ seq, next_by_subj: subject });
      if (part === undefined || part.data.length === 0 || filled + part.data.length > bytes) return undefined;
      body.set(part.data, filled);
      filled += part.data.length;
      seq = part.seq + 1;
    }
    return body;
  }

  /** Any replica may answer; one may lag, so only the leader's word counts for "not there". */
  async #read(query: { last_by_subj: string } | { seq: number; next_by_subj: string }): Promise<Found | undefined> {
    const { direct, streams } = this.#bus.jsm;
    const { stream } = this.#bucket;
    return this.#asked(async () => (await direct.getMessage(stream, query)) ?? (await streams.getMessage(stream, query)) ?? undefined);
  }

  async #asked<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (cause) {
      const detail = `${this.#bucket.stream} cannot be read ("waybill provision" makes it): ${String(cause)}`;
      throw new WaybillError('WB_NATS_AWAY', detail, { cause, extra: { retryAfterSeconds: 1 } });
    }
  }

  #about(name: BodyName): string {
    return this.#subjects.about(base64Url(Buffer.from(objectName(name))));
  }
}

const objectName = ({ sha256, scope }: BodyName): string => (scope === 'l' ? `l.${sha256}` : sha256);
const base64Url = (bytes: Buffer): string => bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_');

/** The name of these bytes. About 1 ms a MiB. */
export const digestOf = (body: Uint8Array): string => createHash('sha256').update(body).digest('hex');

function readAbout(data: Uint8Array): z.infer<typeof aboutSchema> | undefined {
  try {
    return aboutSchema.safeParse(JSON.parse(Buffer.from(data).toString('utf8'))).data;
  } catch {
    return undefined;
  }
}
