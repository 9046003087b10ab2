import type { DispatchReported, Scope } from '@waybill/contracts';
import type { DispatchFact } from '../../../domain/report/story.ts';
import type { ReportPorts, Turn } from '../report-ports.ts';
import { Reporter } from '../reporter.ts';
import { MemoryGithub } from './memory-github.ts';

const CLAIM_MS = 120_000;

/** Reporters over one log and one GitHub, with a clock that the test moves. */
export class ReportWorld {
  readonly github = new MemoryGithub();
  /** All facts, in the order of the log. */
  readonly facts: DispatchFact[] = [];
  readonly waiting: (string | undefined)[] = [];
  readonly refused: string[] = [];
  readonly entered: string[] = [];
  /** Of the reports that were written. */
  readonly scopes: Scope[] = [];
  turn: () => Turn = () => ({ kind: 'go', leave: () => undefined });
  nowMs = Date.parse('2026-11-21T10:00:00.000Z');
  readonly #readers = new Set<Reporter>();
  /** When each claim was stored. */
  readonly #claims = new Map<string, number>();

  /** A process that starts now: it reads what is there. */
  start(changes: Partial<ReportPorts> = {}): Reporter {
    const reporter = new Reporter({
      region: 'eu',
      app: this.github,
      createChecks: true,
      createIssues: true,
      enter: (owner) => {
        this.entered.push(owner);
        return Promise.resolve(this.turn());
      },
      writesHere: () => true,
      claim: (_decided, name) => Promise.resolve(this.#claim(name)),
      appendReported: (fact, scope) => this.#append(fact, scope),
      onWaiting: (detail) => this.waiting.push(detail),
      onRefused: (_decided, detail) => this.refused.push(detail),
      nowMs: () => this.nowMs,
      ...changes,
    });
    for (const fact of this.facts) reporter.apply(fact);
    this.#readers.add(reporter);
    return reporter;
  }

  /** The process is gone; what it awaits never comes. */
  kill(reporter: Reporter): void {
    this.#readers.delete(reporter);
  }

  tell(...facts: readonly DispatchFact[]): void {
    for (const fact of facts) {
      this.facts.push(fact);
      for (const reader of this.#readers) reader.apply(fact);
    }
  }

  /** Lets time pass; every half second everybody looks what is to be done. */
  async pass(seconds: number): Promise<void> {
    for (let passed = 0; passed < seconds; passed += 0.5) {
      this.nowMs += 500;
      for (const reader of this.#readers) reader.poke();
      // Long enough for any chain of answers of this GitHub; a process that waits for ever must not hold the test up.
      for (let n = 0; n < 30; n += 1) await Promise.resolve();
    }
  }

  get reported(): DispatchReported[] {
    return this.facts.flatMap((told) => (told.type === 'dispatch.reported' ? [told.fact] : []));
  }

  #claim(name: string): boolean {
    const isNew = this.nowMs - (this.#claims.get(name) ?? 0) >= CLAIM_MS;
    if (isNew) this.#claims.set(name, this.nowMs);
    return isNew;
  }

  #append(fact: DispatchReported, scope: Scope): Promise<void> {
    this.scopes.push(scope);
    this.tell({ type: 'dispatch.reported', fact });
    return Promise.resolve();
  }
}
