import { WaybillError } from '@waybill/contracts';
import type { ProjectionState } from '../keep-following.ts';
import type { Built, BuildProgress } from './build-state.ts';
import type { Build, Ledger, Purpose } from './ledger.ts';
import { Pace } from './pace.ts';
import type { Building, LastBuild, RebuildPorts, Serving, WorkerPart } from './rebuild-ports.ts';

const RETRY_MS = 1_000;
const RETRY_BUILD_MS = 5_000;
/** Builds that fail for the same reason again and again are given up. */
const MOST_ATTEMPTS = 5;
/** How long the new generation may take to know as much as the old one did, before it serves all the same. */
const LEVEL_MS = 30_000;
const LOOK_MS = 50;
/** Readers of the old generation are long done by then. */
const REMOVE_AFTER_MS = 60_000;

const STARTING: ProjectionState = { ok: false, detail: 'starting' };

/** A build as it shows outside. */
export interface BuildStatus extends BuildProgress {
  readonly build: Build;
  readonly attempt: number;
  readonly perSecond: number | undefined;
}

export interface RebuildStatus {
  readonly serving: number;
  readonly build: BuildStatus | null;
  readonly last: LastBuild | null;
}

/**
 * Keeps one generation of the read models served, and builds the next one beside it. What is under way stands in the ledger before it begins: a process
 * that dies finds there what served, serves it, and begins an unfinished build anew. The ledger changes as a whole, so none is served half.
 */
export class Rebuilder {
  readonly #ports: RebuildPorts;
  readonly #stopping = new AbortController();
  #ledger: Ledger | undefined;
  #serving: Serving | undefined;
  /** Speaks for the new projection until that has spoken, so that a swap is no outage. */
  #before: Serving | undefined;
  #status: BuildStatus | undefined;
  #building: Building | undefined;
  #last: LastBuild | null = null;
  #isBeginning = false;
  #work: Promise<void> = Promise.resolve();

  constructor(ports: RebuildPorts) {
    this.#ports = ports;
  }

  /** Serves what the ledger says, waiting for the store as long as it takes, and goes on with a build that was under way. */
  start(): void {
    this.#work = this.#start();
  }

  stateOf(part: WorkerPart): ProjectionState {
    if (this.#serving === undefined) return STARTING;
    const speaker = this.#serving.hasSpoken(part) ? this.#serving : (this.#before ?? this.#serving);
    return speaker.stateOf(part);
  }

  status(): RebuildStatus {
    return { serving: this.#ledger?.serving ?? 0, build: this.#status ?? null, last: this.#last };
  }

  /** A reader found the store damaged. */
  damaged(reason: string): void {
    this.#serving?.renew(reason);
  }

  /** Begins a build, written down before this returns. Throws WB_REBUILD_STATE when one is under way, or the store is not there yet. */
  async begin(purpose: Purpose): Promise<RebuildStatus> {
    if (this.#isBeginning) throw new WaybillError('WB_REBUILD_STATE', 'a build is being begun');
    this.#isBeginning = true;
    try {
      this.#work = this.#run(await this.#writeBuild(purpose));
    } finally {
      this.#isBeginning = false;
    }
    return this.status();
  }

  async #writeBuild(purpose: Purpose): Promise<Build> {
    if (this.#ledger === undefined) throw new WaybillError('WB_REBUILD_STATE', 'the store of the read models is not open yet');
    const { serving, build: other } = this.#ledger;
    if (other !== null) throw new WaybillError('WB_REBUILD_STATE', `generation ${other.generation} is being built (${other.purpose})`);
    const build = { generation: await this.#freeNumber(serving), purpose, startedAt: new Date(this.#ports.now()).toISOString() };
    await this.#write({ serving, build });
    return build;
  }

  /** Lets the projection finish the batch in hand; a build is left as it is and begun anew at the next start. */
  async stop(signal: AbortSignal): Promise<void> {
    this.#stopping.abort();
    await this.#building?.stop(AbortSignal.abort());
    await this.#work;
    await this.#serving?.stop(signal);
  }

  async #start(): Promise<void> {
    const ledger = await this.#firstLedger();
    if (ledger === undefined) return;
    this.#ledger = ledger;
    this.#ports.readFrom(ledger.serving);
    this.#serving = this.#ports.serve(ledger.serving);
    await this.#removeOthers(ledger);
    if (ledger.build !== null) await this.#run(ledger.build);
  }

  async #firstLedger(): Promise<Ledger | undefined> {
    while (!this.#stopping.signal.aborted) {
      try {
        return await this.#ports.generations.ledger();
      } catch (error) {
        this.#ports.tell({ kind: 'store_away', detail: reasonOf(error) });
        await this.#ports.pause(RETRY_MS, this.#stopping.signal);
      }
    }
    return undefined;
  }

  /** What a process that died left behind. Waits for the next start when it fails. */
  async #removeOthers({ serving }: Ledger): Promise<void> {
    try {
      const present = await this.#ports.generations.present();
      for (const generation of present) if (generation !== serving) await this.#ports.generations.remove(generation);
    } catch (error) {
      this.#ports.tell({ kind: 'store_away', detail: reasonOf(error) });
    }
  }

  async #freeNumber(serving: number): Promise<number> {
    return Math.max(serving, ...(await this.#ports.generations.present())) + 1;
  }

  async #write(ledger: Ledger): Promise<void> {
    await this.#ports.generations.write(ledger);
    this.#ledger = ledger;
  }

  /** Builds until it is done or given up. Never throws. */
  async #run(build: Build): Promise<void> {
    const { signal } = this.#stopping;
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      try {
        const built = await this.#build(build, attempt);
        return await this.#finish(build, built);
      } catch (error) {
        if (signal.aborted) return;
        const detail = reasonOf(error);
        this.#ports.tell({ kind: 'failed', build, detail });
        if (attempt >= MOST_ATTEMPTS) return this.#giveUp(build, detail);
        await this.#ports.pause(RETRY_BUILD_MS, signal);
      }
    }
  }

  async #build(build: Build, attempt: number): Promise<Built> {
    this.#ports.tell({ kind: 'begun', build, attempt });
    const pace = new Pace();
    this.#status = { build, attempt, phase: 'waiting', read: 0, total: 0, perSecond: undefined };
    await this.#ports.generations.remove(build.generation);
    this.#building = this.#ports.build(build, this.status().serving, (progress) => {
      pace.mark(this.#ports.now(), progress.read);
      this.#status = { ...progress, build, attempt, perSecond: pace.perSecond() };
    });
    return this.#building.ended;
  }

  async #finish(build: Build, built: Built): Promise<void> {
    if (build.purpose === 'rebuild') await this.#takeOver(build.generation);
    else await this.#discard(build.generation);
    this.#conclude(build, { outcome: build.purpose === 'rebuild' ? 'serving' : 'compared', built, detail: null });
  }

  async #giveUp(build: Build, detail: string): Promise<void> {
    await this.#discard(build.generation).catch((error: unknown) => this.#ports.tell({ kind: 'store_away', detail: reasonOf(error) }));
    this.#ledger = { serving: this.status().serving, build: null };
    this.#conclude(build, { outcome: 'failed', built: null, detail });
  }

  #conclude({ generation, purpose, startedAt }: Build, ended: Pick<LastBuild, 'outcome' | 'built' | 'detail'>): void {
    this.#status = undefined;
    this.#last = { purpose, generation, startedAt, endedAt: new Date(this.#ports.now()).toISOString(), ...ended };
    this.#ports.tell({ kind: 'over', last: this.#last });
  }

  async #discard(generation: number): Promise<void> {
    await this.#write({ serving: this.status().serving, build: null });
    await this.#ports.generations.remove(generation);
  }

  /** The old projection stops, the ledger names the new one, and once that knows as much as the old one did, reads go there. */
  async #takeOver(generation: number): Promise<void> {
    const { signal } = this.#stopping;
    const old = this.#serving;
    const before = this.status().serving;
    await old?.stop(signal);
    const isSwitched = await this.#switchTo(generation);
    this.#before = old;
    this.#serving = this.#ports.serve(isSwitched ? generation : before);
    if (!isSwitched) throw new Error('what is to serve could not be written down');
    const level = (old?.stateOf('log').ok === true ? old.stateOf('log').seq : undefined) ?? 0;
    for (let waitedMs = 0; waitedMs < LEVEL_MS && !signal.aborted && !this.#isLevel(level); waitedMs += LOOK_MS) {
      await this.#ports.pause(LOOK_MS, signal);
    }
    this.#ports.readFrom(generation);
    void this.#removeLater(before);
  }

  /** An error may come after the ledger was changed: what it says then decides. */
  async #switchTo(generation: number): Promise<boolean> {
    try {
      await this.#write({ serving: generation, build: null });
      return true;
    } catch (error) {
      this.#ports.tell({ kind: 'store_away', detail: reasonOf(error) });
      const ledger = await this.#firstLedger();
      if (ledger !== undefined) this.#ledger = ledger;
      return ledger?.serving === generation;
    }
  }

  #isLevel(seq: number): boolean {
    return this.#serving?.hasSpoken('log') === true && (this.#serving.stateOf('log').seq ?? 0) >= seq;
  }

  async #removeLater(generation: number): Promise<void> {
    await this.#ports.pause(REMOVE_AFTER_MS, this.#stopping.signal);
    if (this.#stopping.signal.aborted) return;
    await this.#ports.generations
      .remove(generation)
      .catch((error: unknown) => this.#ports.tell({ kind: 'store_away', detail: reasonOf(error) }));
  }
}

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.message || error.name;
};
