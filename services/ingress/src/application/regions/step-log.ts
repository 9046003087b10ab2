import { WaybillError } from '@waybill/contracts';
import type { Step } from './region-bodies.ts';

/** What an operation on a region has done so far, in order, so that an operator sees how far it came. */
export class StepLog {
  readonly steps: Step[] = [];
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  done(step: string, detail: string): void {
    this.#add(step, true, detail);
  }
  missed(step: string, detail: string): void {
    this.#add(step, false, detail);
  }

  /** Runs one step; when it fails, the error also tells what was done before. */
  async run<T>(step: string, work: () => Promise<T>, detailOf: (result: T) => string): Promise<T> {
    try {
      const result = await work();
      this.done(step, detailOf(result));
      return result;
    } catch (error) {
      if (!(error instanceof WaybillError)) throw error;
      this.missed(step, error.message);
      throw new WaybillError(error.code, error.message, { cause: error.cause, extra: { ...error.extra, steps: this.steps } });
    }
  }

  #add(step: string, ok: boolean, detail: string): void {
    this.steps.push({ step, ok, detail, at: new Date(this.#nowMs()).toISOString() });
  }
}
