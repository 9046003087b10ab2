import type { Logger } from '../logger.ts';

/**
 * One unit of work, told in one line when it is over: a request, an event that was planned, an attempt, a batch. The fields are all there are, so no secret, no payload and no
 * header can get into a line. Region and service are on every line of a logger.
 */
export interface WorkLine {
  readonly work: 'request' | 'accept' | 'plan' | 'attempt' | 'dispatch' | 'project' | 'takeover' | 'canary';
  /** In one word: `accepted`, `planned`, `delivered`, `retry`, `refused` … */
  readonly outcome: string;
  readonly durationMs: number;
  /** The region it is about, where the logger's own is another one. */
  readonly origin?: string | undefined;
  readonly traceId?: string | undefined;
  readonly correlationId?: string | undefined;
  readonly eventId?: string | undefined;
  readonly eventType?: string | undefined;
  readonly deliveryId?: string | undefined;
  readonly tenantId?: string | undefined;
  readonly endpointId?: string | undefined;
  readonly source?: string | undefined;
  readonly jobId?: string | undefined;
  /** Who gave a command, as it is recorded. */
  readonly actor?: string | undefined;
  readonly requestId?: string | undefined;
  readonly method?: string | undefined;
  /** The route's pattern, never the path. */
  readonly route?: string | undefined;
  readonly status?: number | undefined;
  /** A code of ours, or of a closed list. */
  readonly reason?: string | undefined;
  readonly attempt?: number | undefined;
  readonly deliveries?: number | undefined;
  readonly regions?: readonly string[] | undefined;
  readonly duplicate?: boolean | undefined;
  readonly bytes?: number | undefined;
  readonly stream?: string | undefined;
  readonly seq?: number | undefined;
  readonly messages?: number | undefined;
  readonly connectMs?: number | undefined;
  readonly firstByteMs?: number | undefined;
  readonly nextAt?: string | undefined;
}

const SECOND_MS = 1_000;

/** Tells finished work: what failed always, what went well up to so many lines a second; how many were left out is told with the next line. */
export class WorkLog {
  readonly #logger: Logger;
  readonly #perSecond: number;
  readonly #nowMs: () => number;
  #secondMs = 0;
  #told = 0;
  #untold = 0;

  constructor(logger: Logger, { perSecond, nowMs = Date.now }: { readonly perSecond: number; readonly nowMs?: () => number }) {
    this.#logger = logger;
    this.#perSecond = perSecond;
    this.#nowMs = nowMs;
  }

  /** Work that went as it should. */
  done(line: WorkLine): void {
    if (this.#mayTell()) this.#tell('info', line);
  }

  /** Work that did not. */
  failed(line: WorkLine): void {
    this.#tell('warn', line);
  }

  #mayTell(): boolean {
    if (this.#perSecond === 0) return false;
    const nowMs = this.#nowMs();
    if (nowMs - this.#secondMs >= SECOND_MS || nowMs < this.#secondMs) [this.#secondMs, this.#told] = [nowMs, 0];
    this.#told += 1;
    if (this.#told <= this.#perSecond) return true;
    this.#untold += 1;
    return false;
  }

  #tell(level: 'info' | 'warn', { work, ...fields }: WorkLine): void {
    const untold = this.#untold === 0 ? {} : { untold: this.#untold };
    this.#untold = 0;
    this.#logger[level]({ event: `work.${work}`, ...fields, ...untold });
  }
}
