import { type LiveFrame, type LiveState, WaybillError } from '@waybill/contracts';
import { eventText, idText, retryText } from '../../domain/live/event-text.ts';
import { FrameRing, type SentFrame } from '../../domain/live/frame-ring.ts';
import { type LiveChange, merged } from '../../domain/live/live-change.ts';
import { liveIdOf, type LivePosition, lowest, parseLiveId, reaches } from '../../domain/live/live-position.ts';
import type { LiveClient, LiveNotice, LivePorts } from './live-ports.ts';

export const MOST_CLIENTS = 1_000;
const RING = { frames: 5_000, bytes: 16_000_000 };
/** Between two frames; what is told meanwhile is sent as one. */
const FRAME_MS = 50;
/** After how long a client comes back. */
const RETRY_MS = 1_000;

/** How far the read models of a generation are. */
interface Track {
  position: LivePosition;
  readonly streams: { log: string | null; peers: string | null };
}

/** What is known to whoever follows: the last frames, and what ids end in. The first one counts for new ids; a stream that is read for the first time adds one. */
interface Run {
  readonly ring: FrameRing;
  readonly salt: string;
  readonly marks: string[];
}

/**
 * Tells everybody who follows what changed in the read models that are read, at most twenty times a second. Who comes back gets what came after what it
 * had, from the last frames or else from the streams; when that cannot be known, `reset`. Steps that do not follow on one another begin a new run, whose ids
 * are told from those before.
 */
export class LiveHub {
  readonly #ports: LivePorts;
  readonly #tracks = new Map<number, Track>();
  readonly #clients = new Set<LiveClient>();
  /** Those who came before it was known how far the read models are, or whose stretch is being read: with the id they came with. */
  readonly #waiting = new Map<LiveClient, string>();
  #generation: number | undefined;
  #run: Run | undefined;
  #pending: LiveChange | undefined;
  #callOff: (() => void) | undefined;
  #lastMs = -FRAME_MS;
  #reading: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(ports: LivePorts) {
    this.#ports = ports;
  }

  /** Those who follow. */
  get size(): number {
    return this.#clients.size + this.#waiting.size;
  }

  /** Makes a generation the one that is told of: it is read from now on. */
  serve(generation: number): void {
    if (generation === this.#generation) return;
    this.#generation = generation;
    for (const other of this.#tracks.keys()) if (other !== generation) this.#tracks.delete(other);
    this.#begin('');
  }

  /** A projection of a generation tells of itself. */
  told(generation: number, notice: LiveNotice): void {
    const track = this.#tracks.get(generation);
    if (notice.kind === 'opened') return this.#opened(generation, notice, track);
    if (track === undefined) return;
    const { part, created, from, to, change } = notice;
    const isNext = track.position[part] === from && to >= from && isSame(track, part, created);
    track.position = { ...track.position, [part]: to };
    const isFirst = part !== 'registry' && track.streams[part] === null;
    if (part !== 'registry') track.streams[part] = created;
    if (generation !== this.#generation) return;
    if (!isNext) return this.#begin(this.#ports.newSalt());
    if (isFirst) this.#run?.marks.unshift(this.#markOf(generation, track, this.#run.salt));
    if (change !== undefined) this.#pending = this.#pending === undefined ? change : merged(this.#pending, change);
    if (this.#pending === undefined) this.#run?.ring.moveTo(track.position);
    else this.#flushSoon();
  }

  /** Throws WB_LIVE_FULL, and WB_NOT_READY once it is closed. */
  requireRoom(): void {
    if (this.#isClosed) throw new WaybillError('WB_NOT_READY', 'this service is stopping', { extra: { retryAfterSeconds: 1 } });
    if (this.size >= MOST_CLIENTS)
      throw new WaybillError('WB_LIVE_FULL', `${MOST_CLIENTS} clients follow already`, { extra: { retryAfterSeconds: 10 } });
  }

  /** Takes a client up that has read up to the id `lastId`; empty: nothing yet. */
  join(client: LiveClient, lastId: string, state: LiveState): void {
    client.send(retryText(RETRY_MS));
    this.#admit(client, lastId);
    client.send(eventText('state', state));
  }

  leave(client: LiveClient): void {
    this.#clients.delete(client);
    this.#waiting.delete(client);
  }

  /** Tells everybody how the read models are. */
  tellState(state: LiveState): void {
    this.#sendAll(eventText('state', state), [...this.#clients, ...this.#waiting.keys()]);
  }

  /** Ends everybody; they come back. */
  close(): void {
    this.#isClosed = true;
    this.#callOff?.();
    for (const client of [...this.#clients, ...this.#waiting.keys()]) client.end();
  }

  #opened(generation: number, { position, streams }: LiveNotice & { kind: 'opened' }, before: Track | undefined): void {
    this.#tracks.set(generation, { position, streams: { ...streams } });
    if (generation !== this.#generation) return;
    if (before === undefined) return this.#begin('');
    const isSameAs = reaches(before.position, position) && reaches(position, before.position);
    // The store was made anew: what is told of it from now on does not follow on what was told.
    if (!isSameAs) this.#begin(this.#ports.newSalt());
  }

  /** Begins a run where the read models are. Everybody who followed the one before has missed what cannot be known. */
  #begin(salt: string): void {
    this.#callOff?.();
    this.#callOff = undefined;
    this.#pending = undefined;
    const [generation, track] = [this.#generation, this.#track()];
    const followers = [...this.#clients];
    this.#clients.clear();
    for (const client of followers) this.#waiting.set(client, 'of another run');
    this.#run = undefined;
    if (generation === undefined || track === undefined) return;
    this.#run = { ring: new FrameRing(track.position, RING), salt, marks: [this.#markOf(generation, track, salt)] };
    for (const [client, lastId] of this.#waiting) this.#admit(client, lastId);
  }

  #track(): Track | undefined {
    return this.#generation === undefined ? undefined : this.#tracks.get(this.#generation);
  }

  #markOf(generation: number, { streams }: Track, salt: string): string {
    return `${generation}-${this.#ports.digest([this.#ports.region, streams.log, streams.peers].join(' '))}${salt}`;
  }

  #admit(client: LiveClient, lastId: string): void {
    const run = this.#run;
    this.#waiting.set(client, lastId);
    if (run === undefined) return;
    const id = idOf(run, run.ring.end);
    if (lastId === '') return this.#take(client, idText(id));
    const position = parseLiveId(lastId, run.marks);
    if (position === undefined || !reaches(run.ring.end, position)) return this.#take(client, eventText('reset', {}, id));
    const missed = run.ring.after(position);
    if (missed === undefined) this.#reading = this.#reading.then(() => this.#resume(client, lastId, position));
    else this.#take(client, ...missed.map(({ bytes }) => bytes));
  }

  #take(client: LiveClient, ...messages: readonly Uint8Array[]): void {
    this.#waiting.delete(client);
    this.#clients.add(client);
    for (const bytes of messages) client.send(bytes);
  }

  /** Puts what the client missed in front of the last frames, for all who come back from about then. */
  async #resume(client: LiveClient, lastId: string, position: LivePosition): Promise<void> {
    const [run, track] = [this.#run, this.#track()];
    if (run === undefined || track === undefined || !this.#waiting.has(client)) return;
    const upTo = run.ring.start;
    const from = lowest(position, upTo);
    const stretches = reaches(from, upTo) ? [] : await this.#ports.readStretch(from, upTo, track.streams);
    if (run !== this.#run || !this.#waiting.has(client)) return;
    const frames = (stretches ?? []).flatMap(({ position: at, change }) => (change === undefined ? [] : this.#frameOf(run, at, change)));
    if (stretches === undefined || !run.ring.prepend(from, frames, upTo)) {
      return this.#take(client, eventText('reset', {}, idOf(run, run.ring.end)));
    }
    this.#admit(client, lastId);
  }

  #flushSoon(): void {
    const waitMs = Math.max(0, this.#lastMs + FRAME_MS - this.#ports.nowMs());
    if (waitMs === 0) this.#flush();
    else this.#callOff ??= this.#ports.later(() => this.#flush(), waitMs);
  }

  #flush(): void {
    this.#callOff?.();
    this.#callOff = undefined;
    const [run, track, change] = [this.#run, this.#track(), this.#pending];
    this.#pending = undefined;
    if (run === undefined || change === undefined || track === undefined) return;
    this.#lastMs = this.#ports.nowMs();
    const frame = this.#frameOf(run, track.position, change);
    run.ring.push(frame);
    this.#sendAll(frame.bytes, [...this.#clients]);
  }

  #frameOf(run: Run, position: LivePosition, change: LiveChange): SentFrame {
    const frame: LiveFrame = { at: new Date(this.#ports.nowMs()).toISOString(), ...change };
    return { position, bytes: eventText('change', frame, idOf(run, position)) };
  }

  #sendAll(bytes: Uint8Array, clients: readonly LiveClient[]): void {
    for (const client of clients) client.send(bytes);
  }
}

const idOf = ({ marks: [mark = ''] }: Run, position: LivePosition): string => liveIdOf(position, mark);

const isSame = ({ streams }: Track, part: keyof LivePosition, created: string): boolean =>
  part === 'registry' || streams[part] === null || streams[part] === created;
