import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { dataPaths } from './layout.ts';
import { SupervisedProcess } from './supervised-process.ts';

/** One process to keep running. `place`: a region's id, or the hub. */
export interface Supervised {
  readonly place: string;
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

export interface SupervisorEvents {
  readonly started: (place: string, name: string, pid: number) => void;
  readonly tell: (line: string) => void;
}

/** Keeps the processes of all places running, each in a log file of its own. A region that is held stays down until it is released. */
export class Supervisor {
  readonly #dataDir: string;
  readonly #events: SupervisorEvents;
  readonly #processes = new Map<string, { readonly process: SupervisedProcess; readonly spec: Supervised }>();

  constructor(dataDir: string, events: SupervisorEvents) {
    this.#dataDir = dataDir;
    this.#events = events;
  }

  supervise(spec: Supervised): void {
    const { place, name, command, args, env } = spec;
    const title = `${place} ${name}`;
    const held = dataPaths(this.#dataDir).held(place);
    const supervised = new SupervisedProcess(
      { name, command, args, env, logFile: this.logFile(place, name), mayStart: () => !existsSync(held) },
      {
        started: (_name, pid) => this.#events.started(place, name, pid),
        died: (_name, how, restartInMs) =>
          this.#events.tell(
            existsSync(held) ? `${title} ended (${how}); kept down` : `${title} ended (${how}); starting it again in ${restartInMs} ms`,
          ),
      },
    );
    this.#processes.set(`${place}/${name}`, { process: supervised, spec });
    supervised.start();
  }

  /** Whether this process is kept running just so. */
  keeps(spec: Supervised): boolean {
    return isDeepStrictEqual(this.#processes.get(`${spec.place}/${spec.name}`)?.spec, spec);
  }

  /** The pid of a process that was started. */
  pid(place: string, name: string): number | undefined {
    return this.#processes.get(`${place}/${name}`)?.process.pid;
  }

  logFile(place: string, name: string): string {
    return join(dataPaths(this.#dataDir).logs, `${place}-${name}.log`);
  }

  /** Stops those processes, at the same time; resolves when they are gone. */
  async stop(places: readonly string[], names: readonly string[], budgetMs: number): Promise<void> {
    const all = places.flatMap((place) => names.flatMap((name) => this.#processes.get(`${place}/${name}`) ?? []));
    await Promise.all(all.map(({ process }) => process.stop(budgetMs)));
  }
}
